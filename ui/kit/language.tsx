/** The reader's language: one catalogue is loaded before the first page stands, the others when asked for. */
import { createContext, Fragment, type ReactNode, useContext, useMemo, useState } from 'react'
import * as format from '#kernel/format.ts'
import { isLanguage, type Language } from '#kernel/format.ts'
import { bank } from './bank.ts'
import { type Catalogue, filled, piecesOf, type Text, type Values } from './text.ts'

export type LoadCatalogue = (language: Language) => Promise<Catalogue>

interface Speech {
  readonly language: Language
  readonly catalogue: Catalogue
  readonly speak: (language: Language) => void
}

const Speaking = createContext<Speech | null>(null)

const KEPT = 'portico.language'

/** The language that was chosen here before, or the first of the browser's that we speak. */
export const preferredLanguage = (): Language => {
  const kept = localStorage.getItem(KEPT)
  if (isLanguage(kept)) return kept
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en'
}

export const LanguageProvider = (props: {
  first: { language: Language; catalogue: Catalogue }
  load: LoadCatalogue
  children: ReactNode
}) => {
  const { first, load, children } = props
  const [spoken, setSpoken] = useState(first)
  const speech = useMemo<Speech>(
    () => ({
      ...spoken,
      speak: (language) =>
        void load(language).then((catalogue) => {
          localStorage.setItem(KEPT, language)
          document.documentElement.lang = language
          setSpoken({ language, catalogue })
        }),
    }),
    [spoken, load],
  )
  return <Speaking value={speech}>{children}</Speaking>
}

export const useSpeech = (): Speech => {
  const speech = useContext(Speaking)
  if (!speech) throw new Error('no language is spoken here: LanguageProvider is missing')
  return speech
}

/** The reader's text of one catalogue type; each front gives it the name of its own catalogue. */
export const useTextOf = <C,>(): Text<C> => {
  const { language, catalogue } = useSpeech()
  return (key, ...values) => {
    const message = catalogue[String(key)]
    const given: Values | undefined = values[0]
    return message === undefined ? String(key) : filled(language, message, given)
  }
}

/** A word that comes from the server (a state, a role, a permission): translated where we know it, else as it is. */
export const useWord = () => {
  const { catalogue } = useSpeech()
  return (family: string, word: string): string => {
    const message = catalogue[`${family}.${word}`]
    return typeof message === 'string' ? message : word
  }
}

/** A sentence in which `*this*` is bold and `` `that` `` is code. */
export const Rich = ({ text }: { text: string }) =>
  piecesOf(text).map((piece, at) => {
    if (piece.kind === 'bold') return <b key={at}>{piece.text}</b>
    if (piece.kind === 'code') return <code key={at}>{piece.text}</code>
    return <Fragment key={at}>{piece.text}</Fragment>
  })

/** The formatter in the reader's language and the bank's zone. */
export const useFormat = () => {
  const { language } = useSpeech()
  const { zone } = bank()
  return useMemo(
    () => ({
      number: (value: string | number) => format.number(language, value),
      amount: (money: { amount: string; currency: string }) => format.amount(language, money),
      currency: (code: string) => format.currency(language, code),
      day: (plainDate: string) => format.day(language, plainDate),
      dateOf: (instant: string) => format.dateOf(language, instant, zone),
      timeOf: (instant: string, precision?: 'second') => format.timeOf(instant, zone, precision),
      momentOf: (instant: string) => format.momentOf(language, instant, zone),
      span: (milliseconds: number) => format.span(language, milliseconds),
      zone,
    }),
    [language, zone],
  )
}
