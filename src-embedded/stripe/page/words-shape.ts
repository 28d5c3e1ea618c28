/** Every word that the hosted pages need; each language has them all. */

export interface Words {
  banner: string;
  heading: string;
  email: string;
  cardNumber: string;
  expiry: string;
  expiryHint: string;
  cvc: string;
  /** Followed by the amount. */
  pay: string;
  back: string;
  testCards: string;
  testCardsHint: string;
  cardPays: string;
  cardDeclines: string;
  cardInsufficient: string;
  cardAsks: string;
  privacy: string;
  errorEmail: string;
  errorNumber: string;
  errorExpiry: string;
  errorExpired: string;
  errorCvc: string;
  fixFields: string;
  /** By decline_code or code of the card error. */
  declines: Record<string, string>;
  declined: string;
  tryAgain: string;
  paidTitle: string;
  paidText: string;
  goOn: string;
  expiredTitle: string;
  expiredText: string;
  unknownTitle: string;
  unknownText: string;
  bankTitle: string;
  /** Followed by the amount. */
  bankText: string;
  bankComplete: string;
  bankFail: string;
  reader: {
    title: string;
    /** Followed by the amount. */
    hold: string;
    idle: string;
    succeeded: string;
    failed: string;
  };
}
