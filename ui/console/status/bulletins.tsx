/** What everybody is told of an incident: the form, how it will read in each language, and what was told before. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import type { Language } from '#kernel/format.ts'
import * as format from '#kernel/format.ts'
import { componentName, titleOf } from '../../../src/status/naming.ts'
import { ownNames, say } from '../../../src/status/texts/index.ts'
import { Answer } from '../../kit/answer.tsx'
import { query, read, send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, Select, TextArea } from '../../kit/fields.tsx'
import { useFormat, useSpeech } from '../../kit/language.tsx'
import { Card, Chip, Empty, Note } from '../../kit/show.tsx'
import { usePartName, useTold } from '../../kit/standing/standing.tsx'
import { useText } from '../messages/index.ts'
import type { Incident } from '../operations/wire.ts'
import { useCommand } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import type { List } from '../wire.ts'
import { useStatus } from './status.tsx'
import type { Bulletin } from './wire.ts'
import './status.css'

export const languages = ['en', 'ru', 'uz'] as const
const states = ['investigating', 'identified', 'monitoring', 'resolved'] as const
type State = (typeof states)[number]

/** Roles that may speak for the bank to everybody. */
export const speakers = ['api-engineering', 'partner-success', 'head-of-platform'] as const

export type Said = Readonly<Partial<Record<Language, string | undefined>>>

/** What was filled in by language, without what was left out; and the text that stands for the rest. */
export const saidIn = ({ one }: Pick<Filled, 'one'>, field: string): Said =>
  Object.fromEntries(
    languages.flatMap((language) => {
      const text = one(`${field}-${language}`)
      return text ? [[language, text]] : []
    }),
  )
export const firstOf = (said: Said): string =>
  languages.map((language) => said[language]).find(Boolean) ?? ''

const useBulletins = (incident: string) =>
  useQuery({
    queryKey: ['status', 'bulletins', incident],
    queryFn: () => read<List<Bulletin>>(`/api/status/bulletins${query({ incident })}`),
  })

/** What was told before, in the words of the reader's language. */
export const ToldBefore = ({ incident }: { incident: Incident }) => {
  const text = useText()
  const told = useTold()
  const format = useFormat()
  const names = useNames()
  const name = usePartName()
  const bulletins = useBulletins(incident.id)
  return (
    <Card title={text('bulletin.told')}>
      <div>
        <Answer to={bulletins}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title={text('bulletin.told.none')} />
            ) : (
              <ol className="told-out pad">
                {data.map((one) => (
                  <li key={one.id}>
                    <div className="row">
                      <Chip tone={one.state === 'resolved' ? 'good' : 'warn'}>
                        {text(`standing.update.${one.state}`)}
                      </Chip>
                      <span className="small dim">
                        {names.actor(one.publishedBy)}, {format.momentOf(one.publishedAt)}
                      </span>
                    </div>
                    <p>{told.text({ text: one.said, words: one.words })}</p>
                    {one.parts.length > 0 && (
                      <small className="dim">
                        {one.parts.map((part) => name(part)).join(', ')}
                      </small>
                    )}
                  </li>
                ))}
              </ol>
            )
          }
        </Answer>
      </div>
    </Card>
  )
}

interface Draft {
  readonly state: State
  readonly said: Said
  readonly titles: Said
  readonly parts: readonly string[]
}

const nothing: Draft = { state: 'investigating', said: {}, titles: {}, parts: [] }

export const Tell = ({ incident }: { incident: Incident }) => {
  const text = useText()
  const { language } = useSpeech()
  const name = usePartName()
  const before = useBulletins(incident.id).data?.data ?? []
  const [draft, setDraft] = useState<Draft>(nothing)
  const parts = (useStatus().data?.components ?? []).filter((one) => one.cell === incident.cell)
  const named = before.reduce<Said>((all, one) => ({ ...all, ...one.titles }), {})
  const touched = [...new Set(before.flatMap((one) => one.parts))]
  const open = states.filter((state) => incident.endedAt !== null || state !== 'resolved')
  const next = incident.endedAt ? 'resolved' : (before.at(-1)?.state ?? 'investigating')
  const tell = useCommand(async (filled: Filled) => {
    const words = saidIn(filled, 'said')
    await send('/api/status/bulletins', {
      incidentId: incident.id,
      state: filled.one('state'),
      said: firstOf(words),
      words,
      titles: saidIn(filled, 'title'),
      parts: filled.many('parts'),
    })
    setDraft(nothing)
  })
  const drafted = (form: HTMLFormElement) => {
    const data = new FormData(form)
    const one = (field: string) => {
      const value = data.get(field)
      return typeof value === 'string' ? value.trim() : ''
    }
    setDraft({
      state: states.find((state) => state === one('state')) ?? 'investigating',
      said: saidIn({ one }, 'said'),
      titles: saidIn({ one }, 'title'),
      parts: data.getAll('parts').filter((part) => typeof part === 'string'),
    })
  }
  return (
    <Card title={text('bulletin.title')}>
      <div
        className="pad stack"
        onInput={({ target }) => {
          const form = target instanceof HTMLElement ? target.closest('form') : null
          if (form) drafted(form)
        }}
      >
        <p className="small dim">{text('bulletin.about')}</p>
        {incident.partnerIds.length > 0 && before.length === 0 && (
          <Note tone="warn">{text('bulletin.private')}</Note>
        )}
        <Form
          key={`${before.length} ${next}`}
          label={text('bulletin.title')}
          busy={tell.isPending}
          error={tell.error}
          onSubmit={(filled) => tell.mutate(filled)}
          acts={
            <button
              className="button production"
              disabled={tell.isPending || firstOf(draft.said).length < 3}
            >
              {text('bulletin.act')}
            </button>
          }
        >
          <Select
            name="state"
            label={text('bulletin.state')}
            value={next}
            {...(!incident.endedAt && { hint: text('bulletin.over-first') })}
            options={open.map((value) => ({ value, label: text(`standing.update.${value}`) }))}
          />
          {languages.map((written, at) => (
            <TextArea
              key={written}
              name={`said-${written}`}
              label={text(`bulletin.said.${written}`)}
              {...(at === languages.length - 1 && { hint: text('bulletin.said.hint') })}
              fault={faultAt(tell.error, `/words/${written}`)}
            />
          ))}
          <details className="folded">
            <summary>{text('bulletin.names')}</summary>
            <p className="small dim">
              {text('bulletin.names.hint', {
                title: titleOf(language, { title: incident.title, titles: named }),
              })}
            </p>
            {languages.map((written) => (
              <Field
                key={written}
                name={`title-${written}`}
                label={text(`bulletin.said.${written}`)}
                maxLength={200}
                fault={faultAt(tell.error, `/titles/${written}`)}
              />
            ))}
          </details>
          {parts.length > 0 && (
            <details className="folded" open={touched.length > 0}>
              <summary>{text('bulletin.parts.choose')}</summary>
              <Choices
                name="parts"
                label={text('bulletin.parts')}
                hint={text('bulletin.parts.hint')}
                many
                pairs
                chosen={touched}
                options={parts.map(({ part, title }) => ({
                  value: part,
                  label: name(part, title),
                }))}
              />
            </details>
          )}
        </Form>
        <Preview incident={incident} draft={draft} named={named} />
        {tell.isSuccess && (
          <Note tone="good" live>
            {text('bulletin.done')}
          </Note>
        )}
      </div>
    </Card>
  )
}

/** As the status page will read: by its own words and its own rule of what stands for a language that was left out. */
const Preview = (props: { incident: Incident; draft: Draft; named: Said }) => {
  const { incident, draft, named } = props
  const text = useText()
  const { zone } = useFormat()
  const first = firstOf(draft.said)
  const now = new Date().toISOString()
  return (
    <section className="as-read" aria-label={text('bulletin.preview')}>
      <h3>{text('bulletin.preview')}</h3>
      {first === '' ? (
        <p className="small dim">{text('bulletin.preview.none')}</p>
      ) : (
        ownNames.map(([language, sign, called]) => {
          const own = draft.said[language]
          const written = languages.find((one) => draft.said[one]) ?? 'en'
          return (
            <article key={language}>
              <header>
                <span className="chip quiet" title={called}>
                  {sign}
                </span>
                {own === undefined && (
                  <span className="small warn-ink">
                    {text('bulletin.fallback', { language: text(`bulletin.said.${written}`) })}
                  </span>
                )}
              </header>
              <div lang={language}>
                <b>
                  {titleOf(language, {
                    title: incident.title,
                    titles: { ...named, ...draft.titles },
                  })}
                </b>
                <p className="small dim">
                  {say(language, `update.${draft.state}`)} · {format.momentOf(language, now, zone)}
                </p>
                <p className="words" lang={own === undefined ? written : language}>
                  {own ?? first}
                </p>
                {draft.parts.length > 0 && (
                  <p className="small dim">
                    {say(language, 'touches', {
                      parts: draft.parts
                        .map((part) => componentName(language, { part, title: null }))
                        .join(', '),
                    })}
                  </p>
                )}
              </div>
            </article>
          )
        })
      )}
    </section>
  )
}
