/**
 * What the agent says by itself, word for word, in each language: never left to a model, because it is about money,
 * honesty and time. The words match the screen's (src-renderer/i18n).
 */
import { spokenDuration } from '../src-shared/duration.ts';
import type { Locale } from '../src-shared/visit.ts';

export interface Phrases {
  greeting(input: { name: string | null; remainingSeconds: number; demo: boolean }): string;
  welcomeBack: string;
  /** The customer has chosen this language in the talk. */
  languageChanged: string;
  /** After a failure within a leg: what was just said may be lost. */
  afterTrouble: string;
  /** The mind gave nothing that could be said. */
  noAnswer: string;
  /** Speech recognition is missing; typing works. */
  cannotHear: string;
  lowTime(usableSeconds: number): string;
  stillThere: string;
  toppedUp(remainingSeconds: number): string;
  timeUp: string;
  goodbye: string;
}

const english: Phrases = {
  greeting: ({ name, remainingSeconds, demo }) =>
    [
      name ? `Hello ${name}.` : 'Hello.',
      demo ? 'I am an AI assistant, a scripted demo.' : 'I am an AI assistant.',
      `You have ${spokenDuration(remainingSeconds)} left.`,
      'How can I help you?',
    ].join(' '),
  languageChanged: 'Of course, we can speak English. Please go on.',
  welcomeBack: 'I am back. Sorry for the break, it was free of charge. Please go on.',
  afterTrouble: 'Sorry, I was cut off for a moment. That was free of charge. Please say it again.',
  noAnswer: 'Sorry, I have no answer to that. Please say it in other words.',
  cannotHear: 'Sorry, I can not hear you just now. Please type to me on the screen.',
  lowTime: (seconds) => `You have ${spokenDuration(seconds)} left.`,
  stillThere: 'Are you still there? The clock is stopped.',
  toppedUp: (seconds) => `Thank you. You now have ${spokenDuration(seconds)}.`,
  timeUp: 'Your time is up. Thank you for talking with me. Goodbye.',
  goodbye: 'Thank you for talking with me. Goodbye.',
};

const german: Phrases = {
  greeting: ({ name, remainingSeconds }) =>
    `${name ? `Hallo ${name}.` : 'Hallo.'} Ich bin ein KI-Assistent. Sie haben noch ${minutes(remainingSeconds, 'Minute', 'Minuten')}. Wie kann ich helfen?`,
  languageChanged: 'Gern, wir sprechen jetzt Deutsch. Bitte sprechen Sie weiter.',
  welcomeBack: 'Ich bin wieder da. Die Unterbrechung war kostenlos. Bitte sprechen Sie weiter.',
  afterTrouble: 'Entschuldigung, ich war kurz weg. Das war kostenlos. Bitte sagen Sie es noch einmal.',
  noAnswer: 'Darauf habe ich leider keine Antwort. Bitte sagen Sie es mit anderen Worten.',
  cannotHear: 'Ich kann Sie gerade nicht hören. Bitte schreiben Sie mir am Bildschirm.',
  lowTime: (seconds) => `Sie haben noch ${shortTime(seconds, 'Minute', 'Minuten', 'Sekunden')}.`,
  stillThere: 'Sind Sie noch da? Die Zeit ist angehalten.',
  toppedUp: (seconds) => `Danke. Sie haben jetzt ${minutes(seconds, 'Minute', 'Minuten')}.`,
  timeUp: 'Ihre Zeit ist zu Ende. Danke für das Gespräch. Auf Wiedersehen.',
  goodbye: 'Danke für das Gespräch. Auf Wiedersehen.',
};

const french: Phrases = {
  greeting: ({ name, remainingSeconds }) =>
    `${name ? `Bonjour ${name}.` : 'Bonjour.'} Je suis une assistante IA. Il vous reste ${minutes(remainingSeconds, 'minute', 'minutes')}. Comment puis-je vous aider ?`,
  languageChanged: 'Bien sûr, parlons français. Continuez, je vous écoute.',
  welcomeBack: 'Me revoilà. L’interruption est gratuite. Continuez, je vous écoute.',
  afterTrouble: 'Pardon, la liaison a été coupée un instant. C’était gratuit. Répétez, s’il vous plaît.',
  noAnswer: 'Pardon, je n’ai pas de réponse à cela. Dites-le autrement, s’il vous plaît.',
  cannotHear: 'Je ne vous entends pas pour le moment. Écrivez-moi à l’écran, s’il vous plaît.',
  lowTime: (seconds) => `Il vous reste ${shortTime(seconds, 'minute', 'minutes', 'secondes')}.`,
  stillThere: 'Êtes-vous toujours là ? Le compteur est arrêté.',
  toppedUp: (seconds) => `Merci. Vous avez maintenant ${minutes(seconds, 'minute', 'minutes')}.`,
  timeUp: 'Votre temps est écoulé. Merci pour la conversation. Au revoir.',
  goodbye: 'Merci pour la conversation. Au revoir.',
};

const spanish: Phrases = {
  greeting: ({ name, remainingSeconds }) =>
    `${name ? `Hola ${name}.` : 'Hola.'} Soy una asistente de IA. Le quedan ${minutes(remainingSeconds, 'minuto', 'minutos')}. ¿En qué puedo ayudarle?`,
  languageChanged: 'Claro, hablemos español. Siga, por favor.',
  welcomeBack: 'Ya estoy de vuelta. La pausa no se cobra. Siga, por favor.',
  afterTrouble: 'Perdón, se ha cortado un momento. No se cobra. Repítalo, por favor.',
  noAnswer: 'Perdón, no tengo respuesta a eso. Dígalo con otras palabras, por favor.',
  cannotHear: 'Ahora mismo no puedo oírle. Escríbame en la pantalla, por favor.',
  lowTime: (seconds) => `Le quedan ${shortTime(seconds, 'minuto', 'minutos', 'segundos')}.`,
  stillThere: '¿Sigue ahí? El reloj está parado.',
  toppedUp: (seconds) => `Gracias. Ahora tiene ${minutes(seconds, 'minuto', 'minutos')}.`,
  timeUp: 'Se ha terminado su tiempo. Gracias por conversar. Adiós.',
  goodbye: 'Gracias por conversar. Adiós.',
};

const arabic: Phrases = {
  greeting: ({ name, remainingSeconds }) =>
    `${name ? `مرحبا ${name}.` : 'مرحبا.'} أنا مساعد ذكاء اصطناعي. بقي لديك ${Math.floor(remainingSeconds / 60)} دقيقة. كيف يمكنني مساعدتك؟`,
  languageChanged: 'بالتأكيد، نتحدث الآن العربية. تفضل بالمتابعة.',
  welcomeBack: 'لقد عدت. التوقف كان مجانيا. تفضل بالمتابعة.',
  afterTrouble: 'عذرا، انقطع الاتصال لحظة. كان ذلك مجانيا. أعد ما قلته من فضلك.',
  noAnswer: 'عذرا، ليس لدي جواب عن ذلك. قله بكلمات أخرى من فضلك.',
  cannotHear: 'لا أستطيع سماعك الآن. اكتب لي على الشاشة من فضلك.',
  lowTime: (seconds) => `بقي لديك ${shortTime(seconds, 'دقيقة', 'دقائق', 'ثانية')}.`,
  stillThere: 'هل ما زلت هنا؟ العداد متوقف.',
  toppedUp: (seconds) => `شكرا. لديك الآن ${Math.floor(seconds / 60)} دقيقة.`,
  timeUp: 'انتهى وقتك. شكرا على الحديث. مع السلامة.',
  goodbye: 'شكرا على الحديث. مع السلامة.',
};

const PHRASES: Readonly<Record<Locale, Phrases>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  ar: arabic,
};

/** The demo's voice and recogniser know English only, so a demo always speaks English. */
export function phrasesFor(locale: Locale, demo: boolean): Phrases {
  return demo ? english : PHRASES[locale];
}

function minutes(seconds: number, one: string, many: string): string {
  const count = Math.floor(seconds / 60);
  return `${count} ${count === 1 ? one : many}`;
}

function shortTime(seconds: number, one: string, many: string, secondsWord: string): string {
  return seconds < 60 ? `${seconds} ${secondsWord}` : minutes(seconds, one, many);
}
