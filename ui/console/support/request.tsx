/** One request of a partner: read all that was said, answer, close. */
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Form, TextArea } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, CellChip, Facts, Id, Note } from '../../kit/show.tsx'
import { SupportState, Thread, usePromise } from '../../kit/support/show.tsx'
import type { DeskRequest, Whole } from '../../kit/support/wire.ts'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'

const answerers = ['head-of-platform', 'partner-success', 'developer-relations'] as const

export const SupportRequestPage = () => {
  const text = useText()
  const { id = '' } = useParams({ strict: false })
  const whole = useQuery({
    queryKey: ['support', 'one', id],
    queryFn: () => read<Whole<DeskRequest>>(`/api/support/requests/${id}`),
    refetchInterval: 20_000,
  })
  const answers = useMay(answerers)
  const subject = whole.data?.request.subject ?? text('support.request')
  return (
    <>
      <Crumbs above={{ to: '/support', name: text('support.title') }} here={subject} />
      <PageHead title={subject} about={whole.data?.request.organisation} />
      <Answer to={whole} lines={8}>
        {({ request, messages }) => (
          <div className="columns">
            <div className="stack wide">
              <Thread messages={messages} />
              {answers ? (
                <Reply key={messages.length} request={request} />
              ) : (
                <Note>{text('desk-support.may-not')}</Note>
              )}
            </div>
            <div className="stack">
              <About request={request} />
              {answers && request.status === 'answered' && <Close request={request} />}
            </div>
          </div>
        )}
      </Answer>
    </>
  )
}

const About = ({ request }: { request: DeskRequest }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const promise = usePromise()
  const { partnerId, organisation, cell, product, urgency, openedAt, callId } = request
  return (
    <Card title={text('support.request')} beside={<SupportState of={request} />}>
      <Facts
        rows={[
          [text('support.first-answer'), promise(request)],
          request.status === 'open'
            ? [text('desk-support.next'), format.momentOf(request.answerBy)]
            : null,
          [
            text('desk-support.partner'),
            <Link key={partnerId} to="/partners/$id" params={{ id: partnerId }}>
              {organisation}
            </Link>,
          ],
          [text('support.urgency'), word('support-urgency', urgency)],
          [
            text('support.about'),
            <span key={cell}>
              {product ? word('product', product) : text('support.about.none')}{' '}
              <CellChip cell={cell} />
            </span>,
          ],
          [text('support.opened'), format.momentOf(openedAt)],
          callId ? [text('support.call'), <Id key={callId} of={callId} />] : null,
        ]}
      />
    </Card>
  )
}

const Reply = ({ request: { id, status } }: { request: DeskRequest }) => {
  const text = useText()
  const reply = useCommand((said: string) =>
    send<Whole<DeskRequest>>(`/api/support/requests/${id}/messages`, { text: said }),
  )
  if (status === 'closed') return <Note>{text('desk-support.closed.about')}</Note>
  return (
    <Card title={text('desk-support.answer')}>
      <div className="pad">
        <Form
          label={text('desk-support.answer')}
          busy={reply.isPending}
          error={reply.error}
          onSubmit={({ one }) => reply.mutate(one('text'))}
          acts={
            <button className="button primary" disabled={reply.isPending}>
              {text('support.send')}
            </button>
          }
        >
          <TextArea
            name="text"
            label={text('support.text')}
            hint={text('support.text.hint')}
            required
            rows={6}
            fault={faultAt(reply.error, '/text')}
          />
        </Form>
      </div>
    </Card>
  )
}

const Close = ({ request: { id } }: { request: DeskRequest }) => {
  const text = useText()
  const close = useCommand(() => send<Whole<DeskRequest>>(`/api/support/requests/${id}/closure`))
  return (
    <div>
      <button
        type="button"
        className="button"
        disabled={close.isPending}
        onClick={() => close.mutate(undefined)}
      >
        {text('support.close')}
      </button>
      {close.isError && <Failure error={close.error} />}
    </div>
  )
}
