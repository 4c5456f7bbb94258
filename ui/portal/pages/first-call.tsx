/** The first call: a sample with the reader's own values, and what becomes of it while they watch. */
import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { Icon } from '../../kit/icons.tsx'
import { Rich, useFormat } from '../../kit/language.tsx'
import { saveFile } from '../../kit/save-file.ts'
import { Card, Code, Note } from '../../kit/show.tsx'
import type { UsageCall } from '../../kit/usage.ts'
import { fileName } from '../keys/file-name.ts'
import { firstCall, type SampleLanguage } from '../keys/first-call.ts'
import { useText } from '../messages/index.ts'
import { useRefusals } from '../reference/queries.ts'
import { useServers } from '../servers.ts'
import type { Application, WellKnown } from '../wire.ts'
import { useLatestCalls } from './usage.tsx'

export const FirstCall = ({ application }: { application: Application }) => {
  const text = useText()
  const servers = useServers()
  const standing = useStanding(application.id)
  return (
    <Card title={text('first-call.title')}>
      <div className="pad stack">
        {standing.data?.known === true ? (
          <>
            <Answer to={servers}>
              {(found) => <Sample application={application} servers={found} />}
            </Answer>
            <Arrival application={application} />
          </>
        ) : standing.isError ? (
          <Failure error={standing.error} retry={() => void standing.refetch()} />
        ) : (
          <Note live>{text('first-call.spreading')}</Note>
        )}
      </div>
    </Card>
  )
}

const LOOK_AGAIN_MS = 500

/** A new application is known to the sandbox's servers a moment after it is made: until then a call would be refused. */
const useStanding = (id: string) =>
  useQuery({
    queryKey: ['applications', id, 'standing'],
    queryFn: () => read<{ known: boolean }>(`/api/applications/${id}/standing`),
    refetchInterval: ({ state }) => (state.data?.known ? false : LOOK_AGAIN_MS),
  })

const Sample = ({ application, servers }: { application: Application; servers: WellKnown }) => {
  const text = useText()
  const [chosen, setChosen] = useState<SampleLanguage>('curl')
  const samples = firstCall(application, servers)
  if (samples === null)
    return (
      <p>
        <Rich text={text('first-call.program')} />
      </p>
    )
  return (
    <>
      <p>
        <Rich
          text={text('first-call.about', {
            file: fileName(application.name, application.cell, 'pem'),
          })}
        />
      </p>
      <div className="row">
        <button
          type="button"
          className="button small-button"
          onClick={() => saveFile('portico-ca.pem', servers.ca)}
        >
          <Icon name="download" />
          portico-ca.pem
        </button>
        <div className="segments" role="group" aria-label={text('reference.samples')}>
          {(['curl', 'TypeScript'] as const).map((language) => (
            <button
              key={language}
              type="button"
              aria-pressed={language === chosen}
              onClick={() => setChosen(language)}
            >
              {language}
            </button>
          ))}
        </div>
      </div>
      <Code
        title={chosen}
        value={samples[chosen]}
        shown={<Marked sample={samples[chosen]} application={application} />}
      />
    </>
  )
}

/** The sample with the reader's own values marked. */
const Marked = ({ sample, application }: { sample: string; application: Application }) => {
  const own = [application.id, fileName(application.name, application.cell, 'pem')]
  const values = new RegExp(`(${own.map((value) => RegExp.escape(value)).join('|')})`)
  return sample.split(/(?<=\n)/).map((line, at) => (
    <span key={at} className={/^(#|\/\/)/.test(line) ? 'quiet' : ''}>
      {line
        .split(values)
        .map((part, piece) => (own.includes(part) ? <mark key={piece}>{part}</mark> : part))}
    </span>
  ))
}

/** Turns green by itself when a call of the application was answered; one that was refused says why, and waits on. */
const Arrival = ({ application }: { application: Application }) => {
  const text = useText()
  const format = useFormat()
  const calls = useLatestCalls(application.cell).data?.data ?? []
  const own = calls.filter((call) => call.applicationId === application.id)
  const answered = own.find((call) => call.status < 400)
  if (answered)
    return (
      <Note tone="good" live>
        <b>{text('first-call.arrived')}</b> {format.timeOf(answered.occurredAt, 'second')} ·{' '}
        <code>{answered.operation}</code> · {answered.status}{' '}
        <TraceLink application={application} call={answered} />
      </Note>
    )
  const [refused] = own
  return (
    <>
      {refused && <Refused application={application} call={refused} />}
      <div className="tail" role="status">
        <span className="pulse" />
        <div>
          <b>{text('first-call.waiting')}</b>
          <p>{text(refused ? 'first-call.waiting.again' : 'first-call.waiting.about')}</p>
        </div>
      </div>
    </>
  )
}

/** What was wrong with a call that came, in the words of the reference. */
const Refused = ({ application, call }: { application: Application; call: UsageCall }) => {
  const text = useText()
  const refusal = useRefusals().data?.find((one) => one.code === call.code)
  return (
    <Note tone="warn" live>
      <b>{text('first-call.refused')}</b> {call.status} <code>{call.code}</code>
      {refusal && <p lang="en">{refusal.detail}</p>}
      {refusal?.hint && <p lang="en">{refusal.hint}</p>}
      <p>
        <TraceLink application={application} call={call} />
      </p>
    </Note>
  )
}

const TraceLink = ({ application, call }: { application: Application; call: UsageCall }) => {
  const text = useText()
  return (
    <Link to="/$cell/calls/$call" params={{ cell: application.cell, call: call.callId }}>
      {text('try.trace')}
    </Link>
  )
}
