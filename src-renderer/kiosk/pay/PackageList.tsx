/** The packages on sale as large choices; the best value is marked with its reason, the price per hour. */
import { bestValuePackage, pricePerHourCents } from '../../../src-shared/pricing.ts';
import { en } from '../../i18n/en.ts';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import css from './PackageList.module.css';
import { choices } from './package-figures.ts';

export function PackageList(props: { onChoose(packageId: string): void }) {
  const { t, time, price, currency } = useWords();
  const { snapshot, busy } = useVisit();
  const shown = choices(snapshot.packages);
  const best = shown.length > 1 ? bestValuePackage(shown) : undefined;
  const [first] = shown;
  if (!first) return <p>{t('packages.none')}</p>;
  return (
    <>
      <div className={css['packages']}>
        <ul className={css['list']}>
          {shown.map((tier) => (
            <li key={tier.id}>
              <button
                type="button"
                className={css['card']}
                data-best={tier.id === best?.id || undefined}
                data-testid={`package-${tier.id}`}
                disabled={!snapshot.services.buy.ok}
                aria-busy={busy || undefined}
                onClick={() => !busy && props.onChoose(tier.id)}
              >
                <span className={css['time']}>{time(tier.paidSeconds + tier.bonusSeconds)}</span>
                <span className={css['about']}>
                  <span className={css['name']}>{tier.name}</span>
                  <span className={css['detail']}>
                    {tier.bonusSeconds > 0
                      ? t('packages.bonus', { time: time(tier.bonusSeconds) })
                      : wordsFor(tier.description)}
                  </span>
                </span>
                <span className={css['price']}>
                  <span className={css['amount']}>{price(tier.priceCents, tier.currency)}</span>
                  <span className={css['detail']}>
                    {t('common.perHour', { price: price(pricePerHourCents(tier), tier.currency) })}
                  </span>
                </span>
                {tier.id === best?.id && (
                  <span className={css['best']} data-testid="best-value">
                    {t('packages.best', { price: price(pricePerHourCents(tier), tier.currency) })}
                  </span>
                )}
              </button>
            </li>
          ))}
        </ul>
      </div>
      <p className={css['tax']}>{t('packages.tax', { currency: currency(first.currency) })}</p>
    </>
  );

  /** The packages of the product have words in every language; an operator's own are shown as written. */
  function wordsFor(text: string): string {
    return isKnown(text) ? t(`description.${text}`) : text;
  }
}

function isKnown(text: string): text is keyof typeof en.description {
  return Object.hasOwn(en.description, text);
}
