/** A code in three groups of four, as large as the screen allows; always left to right. */
import css from './BigCode.module.css';

export function BigCode(props: { code: string; label: string }) {
  const groups = [props.code.slice(0, 4), props.code.slice(4, 8), props.code.slice(8, 12)];
  return (
    <p className={css['code']} dir="ltr">
      <span className="visually-hidden">{`${props.label}: ${[...props.code].join(' ')}`}</span>
      <span className={css['groups']} aria-hidden="true" data-testid="code" data-code={props.code}>
        {groups.map((group, index) => (
          // Groups may be equal, their place never is.
          // biome-ignore lint/suspicious/noArrayIndexKey: the three places are fixed
          <span key={index} className={css['group']}>
            {group}
          </span>
        ))}
      </span>
    </p>
  );
}
