/** What one person asks for and another decides: the request, and where it waits. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Note } from '../kit/show.tsx'
import { useText } from './messages/index.ts'
import { useStaffMember } from './signed-in.tsx'
import type { Asked, Staff } from './wire.ts'

/** Runs a request after which every page may read differently. */
export const useCommand = <Given, Answer>(
  ask: (given: Given) => Promise<Answer>,
  mutationKey?: readonly string[],
) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ask,
    onSuccess: () => queries.invalidateQueries(),
    ...(mutationKey && { mutationKey }),
  })
}

/** Says that a change now waits for another person, and where. */
export const Waits = ({ asked }: { asked: Asked | undefined }) => {
  const text = useText()
  return (
    asked && (
      <Note tone="good" live>
        {text('act.proposed')}{' '}
        <Link to="/decisions/$id" params={{ id: asked.change.id }}>
          {text('act.see')}
        </Link>
      </Note>
    )
  )
}

/** Whether the one who is signed in may act as any of these. Who only audits acts where auditors are named: nearly nowhere. */
export const useMay = (roles: readonly Staff['roles'][number][]): boolean =>
  useStaffMember()?.roles.some((role) => roles.includes(role)) ?? false
