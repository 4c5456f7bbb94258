/** One request with all that was said: read it, write on, close it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Form, TextArea } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Facts, Id, Note } from '../../kit/show.tsx'
import { SupportState, Thread, usePromise } from '../../kit/support/show.tsx'
import type { Request, Whole } from '../../kit/support/wire.ts'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import { useAsks } from './requests.tsx'

const useCommand = <Given,>(ask: (given: Given) => Promise<Whole>) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ask,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['support'] }),
  })
}

export const SupportRequest = () => {
  const text = useText()
  const cell = useCell()
  const { id = '' } = useParams({ strict: false })
  const whole = useQuery({
    queryKey: ['support', 'one', id],
    queryFn: () => read<Whole>(`/api/support/requests/${id}`),
    refetchInterval: 20_000,
  })
  const asks = useAsks()
  const subject = whole.data?.request.subject ?? text('support.request')
  return (
    <>
      <Crumbs above={{ to: `/${cell}/support`, name: text('support.title') }} here={subject} />
      <PageHead title={subject} cell={cell} />
      <Answer to={whole} lines={8}>
        {({ request, messages }) => (
          <div className="columns">
            <div className="stack wide">
              <Thread messages={messages} />
              {asks && <Write key={messages.length} request={request} />}
            </div>
            <div className="stack">
              <About request={request} />
              {asks && request.status !== 'closed' && <Close request={request} />}
            </div>
          </div>
        )}
      </Answer>
    </>
  )
}

const About = ({ request }: { request: Request }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const promise = usePromise()
  const { cell, product, urgency, openedAt, callId } = request
  return (
    <Card title={text('support.request')} beside={<SupportState of={request} />}>
      <div role="status">
        <Facts
          rows={[
            [text('support.first-answer'), promise(request)],
            [text('support.urgency'), word('support-urgency', urgency)],
            [
              text('support.about'),
              product ? word('product', product) : text('support.about.none'),
            ],
            [text('support.opened'), format.momentOf(openedAt)],
            callId
              ? [
                  text('support.call'),
                  <Link key={callId} to="/$cell/calls/$call" params={{ cell, call: callId }}>
                    <Id of={callId} />
                  </Link>,
                ]
              : null,
          ]}
        />
      </div>
    </Card>
  )
}

const Write = ({ request: { id, status } }: { request: Request }) => {
  const text = useText()
  const write = useCommand((said: string) =>
    send<Whole>(`/api/support/requests/${id}/messages`, { text: said }),
  )
  return (
    <Card title={text('help.write')}>
      <div className="pad stack">
        {status === 'closed' && <Note>{text('help.closed')}</Note>}
        <Form
          label={text('help.write')}
          busy={write.isPending}
          error={write.error}
          onSubmit={({ one }) => write.mutate(one('text'))}
          acts={
            <button className="button primary" disabled={write.isPending}>
              {text('support.send')}
            </button>
          }
        >
          <TextArea
            name="text"
            label={text('support.text')}
            hint={text('support.text.hint')}
            required
            rows={5}
            fault={faultAt(write.error, '/text')}
          />
        </Form>
      </div>
    </Card>
  )
}

const Close = ({ request: { id, kept } }: { request: Request }) => {
  const text = useText()
  const close = useCommand(() => send<Whole>(`/api/support/requests/${id}/closure`))
  return (
    <div className="stack close">
      <div>
        <button
          type="button"
          className="button"
          disabled={close.isPending}
          onClick={() => close.mutate(undefined)}
        >
          {text('support.close')}
        </button>
      </div>
      {kept === 'open' && <p className="tiny dim">{text('help.close.hint')}</p>}
      {close.isError && <Failure error={close.error} />}
    </div>
  )
}
