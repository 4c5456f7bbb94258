/** What a field's name says about its class. A suggestion: a person decides, and nothing is released by it. */
import type { DataClass } from '#gateway/field-rules.ts'

const words: readonly (readonly [RegExp, DataClass])[] = [
  [/(?:^|_)(?:pan|cvv2?|cvc2?|track_?[12]|card_?number)(?:_|$)/, 'card'],
  [/password|passwd|secret|token|api_?key|private_?key|(?:^|_)pin(?:_|$)|otp/, 'secret'],
  [
    /name|surname|patronymic|birth|phone|mobile|e_?mail|address|passport|pinfl|pinpp|(?:^|_)inn(?:_|$)|tin|gender|citizen|person|customer|client|ip_?address|device/,
    'personal',
  ],
  [
    /amount|balance|income|salary|debt|limit|score|rating|account|iban|payment|transaction|rate|credit|loan|overdue|instal/,
    'financial',
  ],
  [/status|code|currency|country|version|branch|atm|type|title|description|language/, 'public'],
]

/** The class that a name suggests, if any. Anything that could be about somebody is taken as such. */
export const suggestedClass = (name: string): DataClass | undefined => {
  const spelled = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase()
  return words.find(([pattern]) => pattern.test(spelled))?.[1]
}
