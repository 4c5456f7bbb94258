/**
 * Every word that a name in the sandbox may be made of. Common words, put together by chance or by hand: a name that
 * holds another word did not come from here, and the scan of the sandbox says so.
 */
import type { Chance } from './chance.ts'
import type { Language } from './people.ts'

interface Words {
  readonly family: readonly [string, ...string[]]
  readonly given: readonly [string, ...string[]]
  /** As they end a full name: of whom they are a child, or a second name. */
  readonly last: readonly [string, ...string[]]
}
type Sex = 'female' | 'male'

const fathers =
  'Akmal Hikmat Bahodir Shavkat Erkin Sardor Oʻktam Ulugʻbek Gʻayrat Olim Botir Zafar Komil Nodir'.split(
    ' ',
  )

const childOf = (word: string): [string, ...string[]] => {
  const [first, ...rest] = fathers.map((father) => `${father} ${word}`)
  return [first ?? word, ...rest]
}

const words: Readonly<Record<Language, Readonly<Record<Sex, Words>>>> = {
  uz: {
    female: {
      family: [
        'Rahimova',
        'Yusupova',
        'Toʻxtayeva',
        'Ergasheva',
        'Saidova',
        'Karimova',
        'Mirzayeva',
      ],
      given: ['Dilnoza', 'Malika', 'Nigora', 'Shahlo', 'Zuhra', 'Sevara', 'Gulnora', 'Feruza'],
      last: childOf('qizi'),
    },
    male: {
      family: ['Gʻulomov', 'Qodirov', 'Rahimov', 'Nazarov', 'Ismoilov', 'Yoqubov', 'Xoliqov'],
      given: ['Jasur', 'Rustam', 'Aziz', 'Bekzod', 'Sherzod', 'Farhod', 'Otabek', 'Doniyor'],
      last: childOf('oʻgʻli'),
    },
  },
  ru: {
    female: {
      family: ['Ким', 'Соколова', 'Иванова', 'Цой', 'Морозова', 'Ахмедова'],
      given: ['Ольга', 'Галина', 'Наталья', 'Елена', 'Светлана'],
      last: ['Сергеевна', 'Петровна', 'Викторовна', 'Андреевна', 'Равшановна'],
    },
    male: {
      family: ['Ахмедов', 'Петров', 'Юлдашев', 'Пак', 'Соколов', 'Морозов'],
      given: ['Тимур', 'Виктор', 'Даврон', 'Сергей', 'Андрей'],
      last: ['Равшанович', 'Андреевич', 'Петрович', 'Сергеевич', 'Викторович'],
    },
  },
  en: {
    female: {
      family: ['Hart', 'Whitfield', 'Marsh', 'Dale'],
      given: ['Emily', 'Alice', 'Grace', 'Ruth'],
      last: ['Jane', 'Anne', 'May'],
    },
    male: {
      family: ['Hart', 'Whitfield', 'Marsh', 'Dale'],
      given: ['James', 'Henry', 'Arthur', 'Neil'],
      last: ['Oliver', 'Paul', 'Lee'],
    },
  },
}

/** `Listed` makes a screening say review; the scripted person is called after what she is for. */
const forTests = ['Listed', 'Namunayeva', 'Sinov', 'Qoida', 'qizi', 'oʻgʻli']

const known: ReadonlySet<string> = new Set(
  Object.values(words)
    .flatMap(({ female, male }) => [female, male])
    .flatMap(({ family, given, last }) => [...family, ...given, ...last])
    .flatMap((text) => text.split(' '))
    .concat(forTests),
)

/** Whether a person's name is made of nothing but words of the sandbox. */
export const isMadeUp = (name: string): boolean => name.split(' ').every((word) => known.has(word))

/** A full name as the bank holds it. Four in five are Uzbek. */
export const nameBy = (chance: Chance): string => {
  const language = chance.pick<Language>([
    'uz',
    'uz',
    'uz',
    'uz',
    'uz',
    'uz',
    'uz',
    'uz',
    'ru',
    'en',
  ])
  const { family, given, last } = words[language][chance.pick<Sex>(['female', 'male'])]
  return `${chance.pick(family)} ${chance.pick(given)} ${chance.pick(last)}`
}
