/** What partners would be told of a change, before somebody puts it in better words: in the three languages of the bank. */
import { subjectIn, trialIn, valueIn } from '#control/versions/index.ts'
import { comingWords } from './words.ts'

export interface Summary {
  readonly en: string
  readonly ru: string
  readonly uz: string
}

interface Told {
  /** The operation, or the product where it belongs to none. */
  readonly of: string
  /** The member, as a partner writes it. */
  readonly member: string
  readonly value: string
}

const sentences: readonly { readonly of: RegExp; readonly say: (told: Told) => Summary }[] = [
  {
    of: /-enum-value-removed$/,
    say: ({ of, member, value }) => ({
      en: `${of}: the value \`${value}\` of \`${member}\` is no longer taken.`,
      ru: `${of}: значение \`${value}\` поля \`${member}\` больше не принимается.`,
      uz: `${of}: \`${member}\` maydonining \`${value}\` qiymati endi qabul qilinmaydi.`,
    }),
  },
  {
    of: /^new-required-request|-became-required/,
    say: ({ of, member }) => ({
      en: `${of}: \`${member}\` has to be sent.`,
      ru: `${of}: поле \`${member}\` становится обязательным.`,
      uz: `${of}: \`${member}\` yuborilishi shart.`,
    }),
  },
  {
    of: /^request-(?:property|parameter)-removed/,
    say: ({ of, member }) => ({
      en: `${of}: \`${member}\` is no longer taken.`,
      ru: `${of}: поле \`${member}\` больше не принимается.`,
      uz: `${of}: \`${member}\` endi qabul qilinmaydi.`,
    }),
  },
  {
    of: /^request-.*-(?:min|max)(?:-length|-items)?-(?:set|increased|decreased)$/,
    say: ({ of, member, value }) => ({
      en: `${of}: the bound of \`${member}\` becomes ${value}.`,
      ru: `${of}: граница поля \`${member}\` становится ${value}.`,
      uz: `${of}: \`${member}\` chegarasi ${value} bo‘ladi.`,
    }),
  },
  {
    of: /^request-.*-became-not-nullable$/,
    say: ({ of, member }) => ({
      en: `${of}: \`${member}\` may no longer be null.`,
      ru: `${of}: поле \`${member}\` больше не может быть null.`,
      uz: `${of}: \`${member}\` endi null bo‘la olmaydi.`,
    }),
  },
  {
    of: /^response-.*property-removed$/,
    say: ({ of, member }) => ({
      en: `${of}: answers no longer hold \`${member}\`.`,
      ru: `${of}: в ответах больше нет поля \`${member}\`.`,
      uz: `${of}: javoblarda endi \`${member}\` bo‘lmaydi.`,
    }),
  },
  {
    of: /^api-(?:path-)?removed/,
    say: ({ of }) => ({
      en: `${of} is served no more.`,
      ru: `${of} больше не обслуживается.`,
      uz: `${of} endi xizmat ko‘rsatmaydi.`,
    }),
  },
]

const otherwise = (of: string, member: string, id: string): Summary => ({
  en: `${of}${member && `: \`${member}\``} reads otherwise (${id}).`,
  ru: `${of}${member && `: \`${member}\``} — меняется (${id}).`,
  uz: `${of}${member && `: \`${member}\``} — o‘zgaradi (${id}).`,
})

const draftSummary = (of: string, { id, text }: { id: string; text: string }): Summary => {
  const words = trialIn(text)?.text ?? text
  const member = subjectIn(words)?.path.replace(/^#\/?/, '').replaceAll('/', '.') ?? ''
  const found =
    member || id.startsWith('api-') ? sentences.find((one) => one.of.test(id)) : undefined
  return found?.say({ of, member, value: valueIn(words) }) ?? otherwise(of, member, id)
}

/** The notice as it would go out, and the summary that it is made of. */
export const draftOf = (
  finding: { id: string; text: string },
  { product, operation, day }: { product: string; operation: string | undefined; day: string },
) => {
  const summary = draftSummary(operation ?? product, finding)
  return { summary, ...comingWords({ product, day, summary }) }
}
