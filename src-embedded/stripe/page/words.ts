/** Words of the hosted pages in the languages they have; another language falls back to English. */

import { ar } from './words-ar.ts';
import type { Words } from './words-shape.ts';

const en: Words = {
  banner: 'Test payment – no real money',
  heading: 'Pay with a test card',
  email: 'E-mail for the receipt',
  cardNumber: 'Card number',
  expiry: 'Valid until',
  expiryHint: 'MM / YY',
  cvc: 'Security code',
  pay: 'Pay',
  back: 'Go back without paying',
  testCards: 'Test cards',
  testCardsHint: 'Any future date and any 3 digits go with them.',
  cardPays: 'pays',
  cardDeclines: 'is declined',
  cardInsufficient: 'has too little money',
  cardAsks: 'asks your bank first',
  privacy:
    'This page stands in for Stripe. Do not type a real card: only the brand and the last four digits are kept.',
  errorEmail: 'Type an e-mail address such as ana@example.com.',
  errorNumber: 'This card number is not complete or has a typing mistake.',
  errorExpiry: 'Type month and year as on the card, for example 08 / 30.',
  errorExpired: 'This card is past its date. Use another card.',
  errorCvc: 'Type the 3 digits on the back (Amex: 4).',
  fixFields: 'Please check the marked fields. Nothing has been paid.',
  declines: {
    generic_decline: 'Your card was declined.',
    insufficient_funds: 'There is not enough money on this card.',
    expired_card: 'This card has expired.',
    incorrect_cvc: 'The security code does not belong to this card.',
    processing_error: 'The bank could not handle the payment just now.',
    test_mode_live_card: 'Only the test cards below work here.',
    payment_intent_authentication_failure: 'Your bank could not confirm that this is you.',
  },
  declined: 'The payment did not go through.',
  tryAgain: 'Nothing has been paid. You can try again or use another card.',
  paidTitle: 'Paid',
  goOn: 'Go on',
  paidText: 'This payment is done. You can go back to the screen and close this page.',
  expiredTitle: 'This payment has ended',
  expiredText: 'It was not paid and can no longer be paid. Start again at the screen.',
  unknownTitle: 'We do not know this payment',
  unknownText: 'The address may be incomplete. Scan the code on the screen again.',
  bankTitle: 'Is this you?',
  bankText: 'Your (pretend) bank asks you to confirm a payment of',
  bankComplete: 'Yes, confirm',
  bankFail: 'No, stop',
  reader: {
    title: 'Simulated card reader',
    hold: 'Hold a test card to the reader to pay',
    idle: 'The reader is not waiting for a card. Begin a payment on the screen.',
    succeeded: 'Paid. You can take your card.',
    failed: 'The card was not accepted. Go on at the screen.',
  },
};

const de: Words = {
  banner: 'Testzahlung – kein echtes Geld',
  heading: 'Mit einer Testkarte bezahlen',
  email: 'E-Mail für die Quittung',
  cardNumber: 'Kartennummer',
  expiry: 'Gültig bis',
  expiryHint: 'MM / JJ',
  cvc: 'Prüfziffer',
  pay: 'Bezahlen:',
  back: 'Zurück, ohne zu bezahlen',
  testCards: 'Testkarten',
  testCardsHint: 'Dazu passen jedes künftige Datum und drei beliebige Ziffern.',
  cardPays: 'bezahlt',
  cardDeclines: 'wird abgelehnt',
  cardInsufficient: 'hat zu wenig Guthaben',
  cardAsks: 'fragt erst die Bank',
  privacy:
    'Diese Seite steht für Stripe. Bitte keine echte Karte eingeben: behalten werden nur Marke und letzte vier Ziffern.',
  errorEmail: 'Bitte eine E-Mail-Adresse wie ana@example.com eingeben.',
  errorNumber: 'Die Kartennummer ist unvollständig oder hat einen Tippfehler.',
  errorExpiry: 'Bitte Monat und Jahr wie auf der Karte eingeben, zum Beispiel 08 / 30.',
  errorExpired: 'Diese Karte ist abgelaufen. Bitte eine andere nehmen.',
  errorCvc: 'Die 3 Ziffern von der Rückseite (Amex: 4).',
  fixFields: 'Bitte die markierten Felder prüfen. Es wurde nichts bezahlt.',
  declines: {
    generic_decline: 'Die Karte wurde abgelehnt.',
    insufficient_funds: 'Auf dieser Karte ist nicht genug Geld.',
    expired_card: 'Diese Karte ist abgelaufen.',
    incorrect_cvc: 'Die Prüfziffer gehört nicht zu dieser Karte.',
    processing_error: 'Die Bank konnte die Zahlung gerade nicht bearbeiten.',
    test_mode_live_card: 'Hier gehen nur die Testkarten unten.',
    payment_intent_authentication_failure: 'Die Bank konnte nicht bestätigen, dass Sie es sind.',
  },
  declined: 'Die Zahlung hat nicht geklappt.',
  tryAgain: 'Es wurde nichts bezahlt. Versuchen Sie es noch einmal oder nehmen Sie eine andere Karte.',
  paidTitle: 'Bezahlt',
  goOn: 'Weiter',
  paidText: 'Die Zahlung ist erledigt. Sie können zum Bildschirm zurückgehen und diese Seite schließen.',
  expiredTitle: 'Diese Zahlung ist beendet',
  expiredText: 'Sie wurde nicht bezahlt und kann nicht mehr bezahlt werden. Beginnen Sie am Bildschirm neu.',
  unknownTitle: 'Wir kennen diese Zahlung nicht',
  unknownText: 'Vielleicht ist die Adresse unvollständig. Scannen Sie den Code am Bildschirm noch einmal.',
  bankTitle: 'Sind Sie das?',
  bankText: 'Ihre (gespielte) Bank bittet Sie, eine Zahlung zu bestätigen:',
  bankComplete: 'Ja, bestätigen',
  bankFail: 'Nein, abbrechen',
  reader: {
    title: 'Simuliertes Kartenlesegerät',
    hold: 'Halten Sie eine Testkarte an das Gerät und bezahlen Sie',
    idle: 'Das Gerät wartet auf keine Karte. Beginnen Sie am Bildschirm zu bezahlen.',
    succeeded: 'Bezahlt. Sie können die Karte nehmen.',
    failed: 'Die Karte wurde nicht angenommen. Machen Sie am Bildschirm weiter.',
  },
};

const es: Words = {
  banner: 'Pago de prueba – sin dinero real',
  heading: 'Pagar con una tarjeta de prueba',
  email: 'Correo para el recibo',
  cardNumber: 'Número de tarjeta',
  expiry: 'Válida hasta',
  expiryHint: 'MM / AA',
  cvc: 'Código de seguridad',
  pay: 'Pagar',
  back: 'Volver sin pagar',
  testCards: 'Tarjetas de prueba',
  testCardsHint: 'Sirven con cualquier fecha futura y tres cifras cualesquiera.',
  cardPays: 'paga',
  cardDeclines: 'se rechaza',
  cardInsufficient: 'no tiene saldo suficiente',
  cardAsks: 'pregunta antes al banco',
  privacy:
    'Esta página hace las veces de Stripe. No escriba una tarjeta real: solo se guardan la marca y las cuatro últimas cifras.',
  errorEmail: 'Escriba un correo como ana@example.com.',
  errorNumber: 'El número está incompleto o tiene un error.',
  errorExpiry: 'Escriba mes y año como en la tarjeta, por ejemplo 08 / 30.',
  errorExpired: 'Esta tarjeta está caducada. Use otra.',
  errorCvc: 'Las 3 cifras del dorso (Amex: 4).',
  fixFields: 'Revise los campos marcados. No se ha pagado nada.',
  declines: {
    generic_decline: 'La tarjeta fue rechazada.',
    insufficient_funds: 'No hay saldo suficiente en esta tarjeta.',
    expired_card: 'Esta tarjeta está caducada.',
    incorrect_cvc: 'El código de seguridad no es de esta tarjeta.',
    processing_error: 'El banco no pudo tramitar el pago en este momento.',
    test_mode_live_card: 'Aquí solo sirven las tarjetas de prueba de abajo.',
    payment_intent_authentication_failure: 'Su banco no pudo confirmar que es usted.',
  },
  declined: 'El pago no se realizó.',
  tryAgain: 'No se ha pagado nada. Puede intentarlo de nuevo o usar otra tarjeta.',
  paidTitle: 'Pagado',
  goOn: 'Seguir',
  paidText: 'El pago está hecho. Puede volver a la pantalla y cerrar esta página.',
  expiredTitle: 'Este pago ha terminado',
  expiredText: 'No se pagó y ya no se puede pagar. Empiece de nuevo en la pantalla.',
  unknownTitle: 'No conocemos este pago',
  unknownText: 'Quizá la dirección esté incompleta. Escanee otra vez el código de la pantalla.',
  bankTitle: '¿Es usted?',
  bankText: 'Su banco (fingido) le pide confirmar un pago de',
  bankComplete: 'Sí, confirmar',
  bankFail: 'No, parar',
  reader: {
    title: 'Lector de tarjetas simulado',
    hold: 'Acerque una tarjeta de prueba al lector para pagar',
    idle: 'El lector no espera ninguna tarjeta. Empiece un pago en la pantalla.',
    succeeded: 'Pagado. Puede retirar la tarjeta.',
    failed: 'La tarjeta no fue aceptada. Siga en la pantalla.',
  },
};

const fr: Words = {
  banner: 'Paiement de test – sans argent réel',
  heading: 'Payer avec une carte de test',
  email: 'E-mail pour le reçu',
  cardNumber: 'Numéro de carte',
  expiry: "Valable jusqu'à",
  expiryHint: 'MM / AA',
  cvc: 'Code de sécurité',
  pay: 'Payer',
  back: 'Revenir sans payer',
  testCards: 'Cartes de test',
  testCardsHint: 'Avec une date future et trois chiffres au choix.',
  cardPays: 'paie',
  cardDeclines: 'est refusée',
  cardInsufficient: "n'a pas assez d'argent",
  cardAsks: "demande d'abord à la banque",
  privacy:
    'Cette page remplace Stripe. Ne tapez pas de vraie carte : seuls la marque et les quatre derniers chiffres sont gardés.',
  errorEmail: 'Tapez une adresse comme ana@example.com.',
  errorNumber: 'Ce numéro est incomplet ou contient une faute.',
  errorExpiry: "Tapez le mois et l'année de la carte, par exemple 08 / 30.",
  errorExpired: 'Cette carte est périmée. Prenez-en une autre.',
  errorCvc: 'Les 3 chiffres du dos (Amex : 4).',
  fixFields: "Vérifiez les champs marqués. Rien n'a été payé.",
  declines: {
    generic_decline: 'La carte a été refusée.',
    insufficient_funds: "Il n'y a pas assez d'argent sur cette carte.",
    expired_card: 'Cette carte est périmée.',
    incorrect_cvc: 'Le code de sécurité ne correspond pas à cette carte.',
    processing_error: "La banque n'a pas pu traiter le paiement à l'instant.",
    test_mode_live_card: 'Seules les cartes de test ci-dessous marchent ici.',
    payment_intent_authentication_failure: "Votre banque n'a pas pu confirmer que c'est vous.",
  },
  declined: "Le paiement n'a pas abouti.",
  tryAgain: "Rien n'a été payé. Vous pouvez réessayer ou prendre une autre carte.",
  paidTitle: 'Payé',
  goOn: 'Continuer',
  paidText: "Le paiement est fait. Vous pouvez revenir à l'écran et fermer cette page.",
  expiredTitle: 'Ce paiement est terminé',
  expiredText: "Il n'a pas été payé et ne peut plus l'être. Recommencez à l'écran.",
  unknownTitle: 'Nous ne connaissons pas ce paiement',
  unknownText: "L'adresse est peut-être incomplète. Scannez de nouveau le code à l'écran.",
  bankTitle: 'Est-ce bien vous ?',
  bankText: 'Votre banque (fictive) vous demande de confirmer un paiement de',
  bankComplete: 'Oui, confirmer',
  bankFail: 'Non, arrêter',
  reader: {
    title: 'Lecteur de carte simulé',
    hold: 'Présentez une carte de test au lecteur pour payer',
    idle: 'Le lecteur n’attend pas de carte. Commencez un paiement à l’écran.',
    succeeded: 'Payé. Vous pouvez reprendre la carte.',
    failed: 'La carte n’a pas été acceptée. Continuez à l’écran.',
  },
};

const LANGUAGES: Record<string, Words> = { en, de, es, fr, ar };

/** Reading direction of a page's language. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return tag.startsWith('ar') ? 'rtl' : 'ltr';
}

export interface Language {
  /** BCP 47 tag for the page and for amounts. */
  tag: string;
  words: Words;
}

/** The session's locale, or (for `auto` or none) the first language of the browser that the pages have. */
export function chooseLanguage(locale: string | null, acceptLanguage: string | undefined): Language {
  const asked = locale && locale !== 'auto' ? [locale] : (acceptLanguage ?? '').split(',');
  for (const entry of asked) {
    const tag = (entry.split(';')[0] ?? '').trim();
    const words = LANGUAGES[tag.slice(0, 2).toLowerCase()];
    if (words && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag)) return { tag, words };
  }
  return { tag: 'en', words: en };
}
