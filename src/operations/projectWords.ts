/**
 * The project templates in the language of whoever chooses one. The files of a project are in English,
 * and so is the title in its README (project.json). Below: core/words. Above: New Conversation Project.
 */
import { t } from '../core/words';
import type { ProjectTemplate } from './newProject';

export interface ProjectWords {
  readonly title: string;
  readonly description: string;
}

/** What a list says of a template; its own English where it is not known here. */
export function projectWords({ id, title, description }: ProjectTemplate): ProjectWords {
  const known: Readonly<Record<string, ProjectWords>> = {
    conversation: {
      title: t('Conversation'),
      description: t('Two boards say hello to each other: the tutorial.'),
    },
    asyncio: {
      title: t('Several things at once (asyncio)'),
      description: t('Two boards that do two things at a time with asyncio: blink, and talk.'),
    },
    'home-assistant': {
      title: t('Home Assistant finds them'),
      description: t(
        'A thermometer and a lamp that announce themselves by MQTT discovery: they appear in Home Assistant without a line of its configuration.',
      ),
    },
    'keypad-servo': {
      title: t('Keypad and servo'),
      description: t(
        'A 4 x 4 keypad on one board turns a servo on the other. Without a keypad, say a digit on keypad/press.',
      ),
    },
    'rfid-gate': {
      title: t('RFID gate'),
      description: t(
        'A card at an RFID reader (MFRC522) opens a gate on another board, if the gate knows it. A virtual board has a reader too: hold a card to it in Show Virtual Board.',
      ),
    },
    ring: {
      title: t('Three boards in a ring'),
      description: t('A token goes round: each board hands it to the next and counts the rounds.'),
    },
    'sensor-display': {
      title: t('Sensor and display'),
      description: t(
        'One board reads a potentiometer (or any voltage on GPIO 34), the other draws it as a bar.',
      ),
    },
  };
  return known[id] ?? { title, description };
}
