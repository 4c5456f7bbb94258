/** A decision about a change: what it changes, and the yes or no that is bound to its hash. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { send } from '../kit/api.ts'
import { Difference } from '../kit/difference.tsx'
import { faultAt, Form, TextArea } from '../kit/fields.tsx'
import { Icon } from '../kit/icons.tsx'
import { Rich, useFormat, useWord } from '../kit/language.tsx'
import { signatureOver } from '../kit/passkey.ts'
import { Note, shortHash } from '../kit/show.tsx'
import { mayDecide } from './may-decide.ts'
import { useText } from './messages/index.ts'
import { useStaffMember } from './signed-in.tsx'
import type { Change } from './wire.ts'

export const WhatChanges = ({ change }: { change: Change }) => {
  const text = useText()
  return (
    <div className="changes">
      <Difference before={change.before} after={change.after} />
      <p className="tiny dim">
        {text('decision.hash')} <code title={change.hash}>{shortHash(change.hash)}</code>
      </p>
    </div>
  )
}

export const Decide = ({ change }: { change: Change }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const me = useStaffMember()
  const queries = useQueryClient()
  const answer = useRef<'approve' | 'reject'>('approve')
  const decide = useMutation({
    mutationFn: async (reason: string) =>
      send<Change>(`/api/approvals/${change.id}/decision`, {
        decision: answer.current,
        hash: change.hash,
        reason,
        ...(answer.current === 'approve' && (await signatureOver(change.hash))),
      }),
    onSettled: () => queries.invalidateQueries(),
  })
  if (change.status !== 'proposed')
    return (
      <Note tone={change.status === 'applied' ? 'good' : 'warn'}>
        <b>{word('state', change.status)}</b>
        {change.decidedAt && ` · ${format.momentOf(change.decidedAt)}`}
        {change.outcome && <p lang="en">{change.outcome}</p>}
      </Note>
    )
  if (!mayDecide(me, change))
    return (
      <Note>
        {me && change.proposedBy === `staff:${me.id}`
          ? text('decision.yours')
          : me && change.approvals.some((approval) => approval.by === me.id)
            ? text('decision.already')
            : text('decision.roles', {
                roles: change.roles.map((role) => word('role', role)).join(', '),
              })}
      </Note>
    )
  return (
    <Form
      label={text('decision.title')}
      busy={decide.isPending}
      error={decide.error}
      onSubmit={({ one }) => decide.mutate(one('reason'))}
      acts={
        <>
          <button
            id="approve"
            className="button production"
            disabled={decide.isPending}
            onClick={() => (answer.current = 'approve')}
          >
            <Icon name="check" />
            {text('decision.approve')}
          </button>
          <button
            id="reject"
            className="button stop"
            disabled={decide.isPending}
            onClick={() => (answer.current = 'reject')}
          >
            {text('decision.reject')}
          </button>
        </>
      }
    >
      <Note>
        <Rich text={text(change.stillNeeded > 1 ? 'decision.effect.more' : 'decision.effect')} />{' '}
        <Rich text={text('decision.otherwise', { time: format.momentOf(change.expiresAt) })} />
      </Note>
      <TextArea
        name="reason"
        label={text('decision.reason')}
        hint={text('decision.reason.hint')}
        fault={faultAt(decide.error, '/reason')}
      />
    </Form>
  )
}
