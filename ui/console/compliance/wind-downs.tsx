/** Partners that leave: each by its plan of dated steps; what is late stands out. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, Chip, Empty, Note, Sigil } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames } from '../queries.ts'
import type { List } from '../wire.ts'
import type { Plan } from './wire.ts'

export const usePlans = () =>
  useQuery({
    queryKey: ['wind-downs'],
    queryFn: () => read<List<Plan>>('/api/wind-downs'),
  })

export const WindDowns = () => {
  const text = useText()
  const plans = usePlans()
  return (
    <>
      <PageHead title={text('wind-downs.title')} about={text('wind-downs.about')} />
      <Answer to={plans}>
        {({ data }) =>
          data.length === 0 ? (
            <div className="card">
              <Empty
                title={text('wind-downs.none')}
                act={
                  <Link className="button" to="/partners">
                    {text('wind-downs.choose')}
                  </Link>
                }
              >
                {text('wind-downs.none.about')}
              </Empty>
            </div>
          ) : (
            <div className="stack wide">
              {data.map((plan) => (
                <PlanCard key={plan.id} plan={plan} />
              ))}
            </div>
          )
        }
      </Answer>
    </>
  )
}

const isOver = ({ steps }: Plan) => steps.every((step) => step.doneAt !== null)

export const PlanCard = ({ plan }: { plan: Plan }) => {
  const text = useText()
  const names = useNames()
  const name = names.partner(plan.partnerId) ?? plan.partnerId
  const late = plan.steps.filter((step) => step.late).length
  return (
    <Card
      title={name}
      beside={
        <span className="row">
          {late > 0 ? (
            <Chip tone="bad">{text('wind-downs.late', { count: late })}</Chip>
          ) : (
            <Chip tone={isOver(plan) ? 'quiet' : 'info'}>
              {text(isOver(plan) ? 'wind-downs.over' : 'wind-downs.leaving')}
            </Chip>
          )}
          <Link className="small" to="/partners/$id/exit" params={{ id: plan.partnerId }}>
            {text('wind-downs.partner')}
          </Link>
        </span>
      }
    >
      <div className="pad stack">
        <p className="small row">
          <Sigil name={name} />
          <span>
            {plan.reason}
            {plan.successor && ` · ${text('wind-downs.successor', { name: plan.successor })}`}
          </span>
        </p>
        <Steps plan={plan} />
      </div>
    </Card>
  )
}

/** Both can be said by a person; the first and the last happen by themselves. */
const byPeople = ['told', 'exported'] as const
type ByPeople = (typeof byPeople)[number]

const Steps = ({ plan }: { plan: Plan }) => {
  const text = useText()
  const format = useFormat()
  const acts = useMay(['compliance', 'head-of-platform', 'partner-success'])
  const take = useCommand((step: ByPeople) =>
    send(`/api/partners/${plan.partnerId}/wind-down/steps`, { step }),
  )
  const now = plan.steps.findIndex((step) => step.doneAt === null)
  return (
    <>
      <ol className="dated-steps">
        {plan.steps.map(({ step, by, doneAt, late }, place) => {
          const mine = byPeople.find((one) => one === step)
          return (
            <li key={step} className={doneAt ? 'done' : late ? 'late' : place === now ? 'now' : ''}>
              <span className="stone">{doneAt ? <Icon name="check" /> : place + 1}</span>
              <div>
                <b>{text(`wind-downs.step.${step}`)}</b>
                <small>
                  {doneAt
                    ? text('wind-downs.done', { date: format.dateOf(doneAt) })
                    : text(late ? 'wind-downs.was-due' : 'wind-downs.by', {
                        date: format.dateOf(by),
                      })}
                </small>
                {mine && !doneAt && acts && (
                  <button
                    type="button"
                    className="button small-button"
                    disabled={take.isPending}
                    onClick={() => take.mutate(mine)}
                  >
                    {text(`wind-downs.say.${mine}`)}
                  </button>
                )}
              </div>
            </li>
          )
        })}
      </ol>
      {take.isError && <Failure error={take.error} />}
      {take.isSuccess && (
        <Note tone="good" live>
          {text('wind-downs.said')}
        </Note>
      )}
    </>
  )
}
