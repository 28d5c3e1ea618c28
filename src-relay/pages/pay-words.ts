/** Words of the page with the card fields, in the languages of the kiosk. */
import type { Locale } from '../../src-shared/visit.ts';
import { LOCALES } from '../../src-shared/visit.ts';

export const PAY_LANGUAGES = LOCALES;

export interface PayWords {
  title: string;
  loading: string;
  /** `{amount}` stands for the price. */
  pay: string;
  paying: string;
  /** After Stripe's own words about what was wrong. */
  tryAnother: string;
  /** No answer came: it may be paid or not. */
  unsure: string;
  notLoaded: string;
  paid: string;
  /** Followed by the address of the claim page. */
  keep: string;
  safe: string;
  ended: string;
  unavailable: string;
  notFound: string;
}

export const PAY_WORDS: Readonly<Record<Locale, PayWords>> = {
  en: {
    title: 'Your card',
    loading: 'Getting the card fields ready',
    pay: 'Pay {amount}',
    paying: 'One moment, your bank is asked',
    tryAnother: 'Nothing was taken. Try again, or use another card.',
    unsure:
      'We could not hear back. If it was paid, your code appears here by itself. If not, you can try again.',
    notLoaded: 'The card fields could not be loaded. You can pay with your phone instead.',
    paid: 'Paid. Your code appears here in a moment.',
    keep: 'Your code is also at this address; keep it until you have the code:',
    safe: 'Your card number goes straight to Stripe. We never see it.',
    ended: 'This payment is over.',
    unavailable: 'Payments are out of reach right now. We try again by itself.',
    notFound: 'Nothing was found here.',
  },
  de: {
    title: 'Ihre Karte',
    loading: 'Die Kartenfelder werden vorbereitet',
    pay: '{amount} bezahlen',
    paying: 'Einen Moment, Ihre Bank wird gefragt',
    tryAnother: 'Es wurde nichts abgebucht. Versuchen Sie es noch einmal oder mit einer anderen Karte.',
    unsure:
      'Es kam keine Antwort. Falls bezahlt wurde, erscheint Ihr Code hier von selbst. Falls nicht, können Sie es noch einmal versuchen.',
    notLoaded:
      'Die Kartenfelder konnten nicht geladen werden. Sie können stattdessen mit dem Telefon bezahlen.',
    paid: 'Bezahlt. Ihr Code erscheint gleich hier.',
    keep: 'Ihr Code steht auch unter dieser Adresse; behalten Sie sie, bis Sie den Code haben:',
    safe: 'Ihre Kartennummer geht direkt zu Stripe. Wir sehen sie nie.',
    ended: 'Diese Zahlung ist beendet.',
    unavailable: 'Bezahlen geht gerade nicht. Wir versuchen es von selbst noch einmal.',
    notFound: 'Hier wurde nichts gefunden.',
  },
  fr: {
    title: 'Votre carte',
    loading: 'Préparation des champs de la carte',
    pay: 'Payer {amount}',
    paying: 'Un instant, nous interrogeons votre banque',
    tryAnother: 'Rien n’a été débité. Réessayez, ou prenez une autre carte.',
    unsure:
      'Nous n’avons pas eu de réponse. Si le paiement est passé, votre code s’affiche ici tout seul. Sinon, vous pouvez réessayer.',
    notLoaded: 'Les champs de la carte n’ont pas pu être chargés. Vous pouvez payer avec votre téléphone.',
    paid: 'Payé. Votre code s’affiche ici dans un instant.',
    keep: 'Votre code se trouve aussi à cette adresse ; gardez-la jusqu’à ce que vous ayez le code :',
    safe: 'Votre numéro de carte va directement à Stripe. Nous ne le voyons jamais.',
    ended: 'Ce paiement est terminé.',
    unavailable: 'Le paiement est inaccessible pour le moment. Nous réessayons tout seuls.',
    notFound: 'Rien n’a été trouvé ici.',
  },
  es: {
    title: 'Su tarjeta',
    loading: 'Preparando los campos de la tarjeta',
    pay: 'Pagar {amount}',
    paying: 'Un momento, preguntamos a su banco',
    tryAnother: 'No se ha cobrado nada. Inténtelo de nuevo o use otra tarjeta.',
    unsure:
      'No hemos recibido respuesta. Si se ha pagado, su código aparece aquí solo. Si no, puede intentarlo de nuevo.',
    notLoaded: 'No se han podido cargar los campos de la tarjeta. Puede pagar con su teléfono.',
    paid: 'Pagado. Su código aparece aquí en un momento.',
    keep: 'Su código está también en esta dirección; guárdela hasta que tenga el código:',
    safe: 'El número de su tarjeta va directamente a Stripe. Nosotros no lo vemos nunca.',
    ended: 'Este pago ha terminado.',
    unavailable: 'Ahora no se puede pagar. Lo intentamos de nuevo automáticamente.',
    notFound: 'Aquí no se ha encontrado nada.',
  },
  ar: {
    title: 'بطاقتك',
    loading: 'نجهّز حقول البطاقة',
    pay: 'ادفع {amount}',
    paying: 'لحظة واحدة، نسأل مصرفك',
    tryAnother: 'لم يُخصم شيء. حاول مرة أخرى أو استخدم بطاقة أخرى.',
    unsure: 'لم يصلنا جواب. إذا تم الدفع فسيظهر رمزك هنا تلقائيًا، وإلا فيمكنك المحاولة مرة أخرى.',
    notLoaded: 'تعذّر تحميل حقول البطاقة. يمكنك الدفع بهاتفك بدلًا من ذلك.',
    paid: 'تم الدفع. سيظهر رمزك هنا بعد لحظة.',
    keep: 'رمزك موجود أيضًا في هذا العنوان؛ احتفظ به إلى أن تحصل على الرمز:',
    safe: 'رقم بطاقتك يذهب مباشرة إلى Stripe، ونحن لا نراه أبدًا.',
    ended: 'انتهت عملية الدفع هذه.',
    unavailable: 'الدفع غير متاح الآن. نحاول مرة أخرى تلقائيًا.',
    notFound: 'لم يُعثر على شيء هنا.',
  },
};
