/** One consent, read for a purpose: its life move by move, and what the bank's people may do with it. */
import { useParams } from '@tanstack/react-router'
import { useMutation } from '@tanstack/react-query'
import { query, send } from '../../kit/api.ts'
import { ConsentStatus, Opens } from '../../kit/consents/consents.tsx'
import type { OneConsent } from '../../kit/consents/wire.ts'
import { Field, Form } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Copyable, Facts, Id, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { PartnerHead, usePartnerId } from '../partner-tabs.tsx'
import { useMay } from '../proposing.tsx'
import { AskPurpose, useReading } from '../purpose/ask-purpose.tsx'
import { useNames } from '../queries.ts'
import { useCellOfSearch } from '../signed-in.tsx'

/** The consent, or an act on it, as this partner’s. */
type At = (noun?: string) => string

export const PartnerConsent = () => {
  const text = useText()
  const cell = useCellOfSearch()
  const partner = usePartnerId()
  const { consent = '' } = useParams({ strict: false })
  const at = (noun = '') => `/api/consents/${cell}/${consent}${noun}${query({ partner })}`
  const reading = useReading<OneConsent>(at())
  return (
    <>
      <PartnerHead about={text('consents.staff.about')} cell={cell} />
      <div className="stack wide">
        {reading.data ? (
          <Whole
            consent={reading.data}
            at={at}
            again={() => reading.variables && reading.mutate(reading.variables)}
          />
        ) : (
          <Card title={text('consents.consent')} beside={<Id of={consent} />}>
            <p className="pad small">{text('consents.masked')}</p>
            <AskPurpose reading={reading} usual="support" />
          </Card>
        )}
      </div>
    </>
  )
}

const Whole = (props: { consent: OneConsent; at: At; again: () => void }) => {
  const { consent, at, again } = props
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const moment = (time: string | null) => (time ? format.momentOf(time) : '–')
  return (
    <div className="columns">
      <div className="stack wide">
        <Card
          title={word('consent-type', consent.type)}
          beside={<ConsentStatus of={consent.status} />}
        >
          <div className="pad">
            <Facts
              rows={[
                [
                  text('consents.consent'),
                  <Copyable key="id" value={consent.consentId} what={text('consents.consent')} />,
                ],
                [
                  text('consents.subject'),
                  consent.subject ? (
                    <Copyable key="who" value={consent.subject} what={text('consents.subject')} />
                  ) : (
                    '–'
                  ),
                ],
                [text('consents.opens'), <Opens key="opens" of={consent} />],
                [text('consents.asked'), moment(consent.createdAt)],
                [text('consents.given'), moment(consent.authorisedAt)],
                [text('consents.end'), moment(consent.endedAt ?? consent.expiresAt)],
                [text('consents.last'), moment(consent.lastAccess?.at ?? null)],
              ]}
            />
          </div>
        </Card>
        <History of={consent} />
      </div>
      <Acts consent={consent} at={at} again={again} />
    </div>
  )
}

const History = ({ of: { history } }: { of: OneConsent }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const names = useNames()
  return (
    <Card title={text('consents.history')}>
      <Table caption={text('consents.history')} className="dense">
        <thead>
          <tr>
            <th scope="col">{text('consents.when')}</th>
            <th scope="col">{text('consents.status')}</th>
            <th scope="col">{text('consents.who')}</th>
          </tr>
        </thead>
        <tbody>
          {history.map(({ at, status, by, channel, reason }, place) => (
            <tr key={place}>
              <th scope="row" className="nowrap">
                {format.momentOf(at)}
              </th>
              <td>
                {word('consent-status', status)}
                {reason && <small>{reason}</small>}
              </td>
              <td>
                {by.startsWith('staff:') ? names.actor(by) : word('consent-actor', by)}
                <small>{word('consent-channel', channel)}</small>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

const stops = ['compliance', 'partner-success', 'head-of-platform'] as const

const actsOn = (status: string) =>
  status === 'AUTHORISED'
    ? (['suspension', 'revocation'] as const)
    : status === 'SUSPENDED'
      ? (['resumption', 'revocation'] as const)
      : status.endsWith('AUTHORISATION') || status === 'PARTIALLY_AUTHORISED'
        ? (['revocation'] as const)
        : []

const Acts = ({ consent, at, again }: { consent: OneConsent; at: At; again: () => void }) => {
  const text = useText()
  const may = useMay(stops)
  const act = useMutation({
    mutationFn: ({ noun, reason }: { noun: string; reason: string }) =>
      send<{ status: string }>(at(`/${noun}`), { reason }),
    onSuccess: again,
  })
  const acts = actsOn(consent.status)
  if (!may || acts.length === 0)
    return (
      <Card title={text('consents.acts')}>
        <p className="pad small dim">
          {text(acts.length === 0 ? 'consents.over' : 'consents.not-yours')}
        </p>
      </Card>
    )
  return (
    <Card title={text('consents.acts')}>
      <div className="pad stack">
        {act.isSuccess && (
          <Note tone="good" live>
            {text('consents.done')}
          </Note>
        )}
        {acts.map((noun) => (
          <Form
            key={noun}
            label={text(`consents.act.${noun}`)}
            busy={act.isPending}
            error={act.variables?.noun === noun ? act.error : null}
            onSubmit={({ one }) => act.mutate({ noun, reason: one('reason') })}
            acts={
              <button
                className={noun === 'resumption' ? 'button' : 'button stop'}
                disabled={act.isPending}
              >
                {text(`consents.act.${noun}`)}
              </button>
            }
          >
            <Field
              name="reason"
              label={text('consents.reason')}
              hint={text(`consents.act.${noun}.about`)}
              required
              minLength={3}
              maxLength={140}
            />
          </Form>
        ))}
      </div>
    </Card>
  )
}
