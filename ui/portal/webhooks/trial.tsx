/** Tries a sandbox endpoint with events of the bank and forged ones: what it answers certifies it, or shows where it is fooled. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Failure } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { Card, Note, Table, Verdict } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'

interface Trial {
  readonly right: boolean
  readonly data: readonly {
    readonly trial: 'genuine' | 'foreign-key' | 'altered' | 'stale'
    readonly status: number | null
    readonly failure: string | null
    readonly right: boolean
  }[]
}

export const TrialCard = ({ endpointId }: { endpointId: string }) => {
  const text = useText()
  const queries = useQueryClient()
  const trial = useMutation({
    mutationFn: () => send<Trial>(`/api/certification/receivers/${endpointId}/trial`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['go-live'] }),
  })
  return (
    <Card title={text('trial.title')}>
      <div className="pad stack close">
        <p className="small">{text('trial.about')}</p>
        {trial.error && <Failure error={trial.error} />}
        {trial.data && (
          <Note tone={trial.data.right ? 'good' : 'warn'} live>
            {text(trial.data.right ? 'trial.right' : 'trial.wrong')}
          </Note>
        )}
        <button
          type="button"
          className="button"
          disabled={trial.isPending}
          onClick={() => trial.mutate()}
        >
          {text('trial.act')}
        </button>
      </div>
      {trial.data && <Answers of={trial.data} />}
    </Card>
  )
}

const Answers = ({ of: { data } }: { of: Trial }) => {
  const text = useText()
  return (
    <Table caption={text('trial.title')} className="dense">
      <thead>
        <tr>
          <th scope="col">{text('trial.sent')}</th>
          <th scope="col">{text('trial.answered')}</th>
        </tr>
      </thead>
      <tbody>
        {data.map(({ trial, status, failure, right }, at) => (
          <tr key={at}>
            <th scope="row">{text(`trial.${trial}`)}</th>
            <td>
              <Verdict tone={right ? 'good' : 'bad'}>{status ?? failure}</Verdict>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
