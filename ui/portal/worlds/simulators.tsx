/** Simulators, each a form: what happens outside of the bank is made to happen, and the answer is the sandbox's own. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { Rich, useWord } from '../../kit/language.tsx'
import { Card, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { Result } from '../try-it/panel.tsx'
import { lookAnew, tryCall, useWorlds } from './asking.ts'
import { WorldsFrame } from './frame.tsx'
import { Chosen } from './sources.tsx'
import { groups, type Input, type Simulation, simulationOf, simulations } from './simulations.ts'

export const Simulators = () => {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const chosen = simulationOf(search['simulator']) ?? simulations[0]
  return (
    <WorldsFrame>
      <div className="simulators">
        <Kinds chosen={chosen?.id} />
        {chosen && <One key={chosen.id} simulation={chosen} />}
      </div>
    </WorldsFrame>
  )
}

const Kinds = ({ chosen }: { chosen: string | undefined }) => {
  const text = useText()
  return (
    <nav aria-label={text('simulators.kinds')}>
      {groups.map((group) => (
        <div key={group}>
          <h2>{text(`simulators.group.${group}`)}</h2>
          <ul>
            {simulations
              .filter((one) => one.group === group)
              .map(({ id }) => (
                <li key={id}>
                  <Link
                    to="/$cell/worlds/simulators"
                    params={{ cell: 'sandbox' }}
                    search={{ simulator: id }}
                    activeProps={{}}
                    {...(id === chosen && { 'aria-current': true })}
                  >
                    <SimulatorName id={id} />
                  </Link>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

const SimulatorName = ({ id }: { id: string }) => useWord()('operation', id)

const One = ({ simulation }: { simulation: Simulation }) => {
  const text = useText()
  const word = useWord()
  const queries = useQueryClient()
  const play = useMutation({
    mutationFn: (filled: Filled) => tryCall(simulation.ask(filled)),
    onSuccess: () => lookAnew(queries),
  })
  return (
    <div className="stack wide">
      <Card title={word('operation', simulation.id)}>
        <div className="pad stack close">
          <p className="small">
            <Rich text={word('simulator', simulation.id)} />
          </p>
          {simulation.ownWorld && <OwnWorld />}
          <Form
            label={word('operation', simulation.id)}
            busy={play.isPending}
            error={play.error}
            onSubmit={(filled) => play.mutate(filled)}
            acts={
              <button className="button primary" disabled={play.isPending}>
                {text(play.isPending ? 'try.sending' : 'simulators.act')}
              </button>
            }
          >
            {simulation.inputs.map((input) => (
              <Value key={input.name} input={input} error={play.error} />
            ))}
          </Form>
        </div>
      </Card>
      {play.data && (
        <Card title={text('try.answer')}>
          <div className="pad">
            <Result tried={play.data} />
          </div>
        </Card>
      )}
    </div>
  )
}

/** Said before anything is sent: in the bank that all share it would be refused. */
const OwnWorld = () => {
  const text = useText()
  const worlds = useWorlds()
  if (!worlds.data || worlds.data.data.some(({ inUse }) => inUse)) return null
  return (
    <Note tone="warn">
      {text('simulators.own-world')}{' '}
      <Link to="/$cell/worlds" params={{ cell: 'sandbox' }}>
        {text('worlds.tab.worlds')}
      </Link>
    </Note>
  )
}

const Value = ({ input, error }: { input: Input; error: unknown }) => {
  const word = useWord()
  const { name, is, options = [], value, optional, pointer = `/${input.name}` } = input
  const label = word('simulator.value', name)
  const fault = faultAt(error, pointer)
  if (is === 'words')
    return (
      <Select
        name={name}
        label={label}
        value={options[0] ?? ''}
        options={options.map((option) => ({
          value: option,
          label: word(`simulator.${name}`, option),
        }))}
        fault={fault}
      />
    )
  if (is === 'text' || is === 'number')
    return (
      <Field
        name={name}
        label={label}
        type={is}
        autoComplete="off"
        required={!optional}
        {...(value !== undefined && { value })}
        fault={fault}
      />
    )
  return <Chosen source={is} name={name} label={label} fault={fault} />
}
