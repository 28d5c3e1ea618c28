/** Bars by the hour, themed by the tokens, with the same figures as a table for screen readers. */
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import css from './HourChart.module.css';

interface HourChartProps {
  title: string;
  empty: string;
  hours: { hour: number; value: number }[];
  format(value: number): string;
}

const TEXT = { fill: 'var(--ink-soft)', fontSize: 12 } as const;

export function HourChart(props: HourChartProps) {
  const { hours, format } = props;
  const nothing = hours.every(({ value }) => value === 0);
  return (
    <figure className={css['chart']}>
      <figcaption>{props.title}</figcaption>
      {nothing ? (
        <p className={css['empty']}>{props.empty}</p>
      ) : (
        <div className={css['plot']} aria-hidden="true">
          <ResponsiveContainer width="100%" height="100%">
            <BarChart
              accessibilityLayer={false}
              data={hours}
              margin={{ top: 14, right: 4, bottom: 0, left: 4 }}
            >
              <CartesianGrid vertical={false} stroke="var(--line)" strokeDasharray="2 4" />
              <XAxis
                dataKey="hour"
                tick={TEXT}
                tickLine={false}
                axisLine={{ stroke: 'var(--line)' }}
                interval={2}
              />
              <YAxis
                tick={TEXT}
                tickLine={false}
                axisLine={false}
                width={64}
                tickFormatter={format}
                tickCount={4}
              />
              <Tooltip
                cursor={{ fill: 'var(--accent-wash)' }}
                formatter={(value) => format(Number(value))}
                labelFormatter={(hour) => `${String(hour).padStart(2, '0')}:00`}
                separator=""
                contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)' }}
                itemStyle={{ color: 'var(--ink)' }}
              />
              <Bar
                dataKey="value"
                name=""
                fill="var(--accent)"
                radius={[3, 3, 0, 0]}
                isAnimationActive={false}
              />
            </BarChart>
          </ResponsiveContainer>
        </div>
      )}
      <table className="visually-hidden">
        <caption>{props.title}</caption>
        <tbody>
          {hours
            .filter(({ value }) => value > 0)
            .map(({ hour, value }) => (
              <tr key={hour}>
                <th scope="row">{`${String(hour).padStart(2, '0')}:00`}</th>
                <td>{format(value)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}
