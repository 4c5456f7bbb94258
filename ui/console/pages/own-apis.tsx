/** The bank's own APIs: systems behind the gateway, their documents, and what is still to be said of them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Cell } from '../../kit/cell.ts'
import { useRef, useState } from 'react'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select, TextArea } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, CellChip, Note, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import type { Asked } from '../wire.ts'

interface Systems {
  readonly data: readonly {
    id: string
    cell: Cell
    address: string
    showsCertificateUntil: string | null
  }[]
  readonly drafts: readonly { product: string; upstream: string; version: string }[]
}
interface Draft {
  readonly product: string
  readonly findings: readonly { pointer: string; code: string; detail: string }[]
  readonly notes: readonly { pointer: string; detail: string }[]
  readonly gone: readonly string[]
  readonly suggestions: readonly { target: string; dataClass: string }[]
}
interface Probe {
  readonly reachable: boolean
  readonly detail: string
  readonly certificateUntil: string | null
}

export const OwnApis = () => {
  const text = useText()
  const [open, setOpen] = useState<string>()
  const systems = useQuery({
    queryKey: ['upstreams'],
    queryFn: () => read<Systems>('/api/catalogue/upstreams'),
  })
  return (
    <>
      <PageHead title={text('own.title')} about={text('own.about')} />
      <Answer to={systems}>
        {(found) => (
          <div className="stack wide">
            <SystemTable systems={found.data} />
            <div className="columns even">
              <Register />
              <HandIn drafts={found.drafts} onOpen={setOpen} />
            </div>
            {open !== undefined && <OneDraft key={open} product={open} />}
          </div>
        )}
      </Answer>
    </>
  )
}

const SystemTable = ({ systems }: { systems: Systems['data'] }) => {
  const text = useText()
  const format = useFormat()
  if (systems.length === 0)
    return (
      <Card title={text('own.systems')}>
        <p className="pad">{text('own.none')}</p>
      </Card>
    )
  return (
    <Card title={text('own.systems')}>
      <Table caption={text('own.systems')}>
        <thead>
          <tr>
            <th scope="col">{text('own.system')}</th>
            <th scope="col">{text('own.cell')}</th>
            <th scope="col">{text('own.address')}</th>
            <th scope="col">{text('own.until')}</th>
          </tr>
        </thead>
        <tbody>
          {systems.map(({ id, cell, address, showsCertificateUntil }) => (
            <tr key={`${cell}/${id}`}>
              <th scope="row">
                <code>{id}</code>
              </th>
              <td>
                <CellChip cell={cell} />
              </td>
              <td>
                <code>{address}</code>
              </td>
              <td>{showsCertificateUntil && format.dateOf(showsCertificateUntil)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

/** Says that a change now waits for another person, and where. */
const Waits = ({ asked }: { asked: Asked | undefined }) => {
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

const inputOf = ({ one }: Filled) => {
  const given = ['ca', 'certificate', 'key'].flatMap((name) =>
    one(name) === '' ? [] : [[name, `${one(name)}\n`] as const],
  )
  return { id: one('id'), cell: one('cell'), address: one('address'), ...Object.fromEntries(given) }
}

/** A system is asked for an answer first; the same form then proposes it. */
const Register = () => {
  const text = useText()
  const queries = useQueryClient()
  const probing = useRef(false)
  const ask = useMutation({
    mutationFn: async (filled: Filled): Promise<{ probe?: Probe; asked?: Asked }> =>
      probing.current
        ? { probe: await send<Probe>('/api/catalogue/upstream-probes', inputOf(filled)) }
        : {
            asked: await send<Asked>('/api/catalogue/upstreams', {
              ...inputOf(filled),
              reason: filled.one('reason'),
            }),
          },
    onSuccess: () => queries.invalidateQueries(),
  })
  const { probe, asked } = ask.data ?? {}
  return (
    <Card title={text('own.system')}>
      <div className="pad stack">
        <Form
          label={text('own.system')}
          busy={ask.isPending}
          error={ask.error}
          onSubmit={(filled) => ask.mutate(filled)}
          acts={
            <>
              <button
                className="button"
                disabled={ask.isPending}
                onClick={() => (probing.current = true)}
              >
                {text('own.probe')}
              </button>
              <button
                className="button primary"
                disabled={ask.isPending}
                onClick={() => (probing.current = false)}
              >
                {text('act.propose')}
              </button>
            </>
          }
        >
          <Field name="id" label={text('own.system')} required code placeholder="credit-bureau" />
          <Select
            name="cell"
            label={text('own.cell')}
            value="sandbox"
            options={(['sandbox', 'production'] as const).map((value) => ({
              value,
              label: text(`cell.${value}`),
            }))}
          />
          <Field
            name="address"
            label={text('own.address')}
            required
            code
            placeholder="https://scores.bank.example/api"
            fault={faultAt(ask.error, '/address')}
          />
          <TextArea name="ca" label={text('own.ca')} code fault={faultAt(ask.error, '/ca')} />
          <TextArea
            name="certificate"
            label={text('own.cert')}
            code
            fault={faultAt(ask.error, '/certificate')}
          />
          <TextArea name="key" label={text('own.key')} code fault={faultAt(ask.error, '/key')} />
          <Field name="reason" label={text('own.reason')} maxLength={1000} />
        </Form>
        {probe && (
          <Note tone={probe.reachable ? 'good' : 'bad'} live>
            {probe.reachable
              ? text('own.reach', {
                  detail: probe.detail,
                  until: probe.certificateUntil?.slice(0, 10) ?? '–',
                })
              : text('own.noreach', { detail: probe.detail })}
          </Note>
        )}
        <Waits asked={asked} />
      </div>
    </Card>
  )
}

const HandIn = (props: { drafts: Systems['drafts']; onOpen: (product: string) => void }) => {
  const { drafts, onOpen } = props
  const text = useText()
  const queries = useQueryClient()
  const [source, setSource] = useState('')
  const handIn = useMutation({
    mutationFn: ({ one }: Filled) =>
      send<Draft>('/api/catalogue/drafts', {
        product: one('product'),
        upstream: one('upstream'),
        version: one('version'),
        source,
      }),
    onSuccess: async (draft) => {
      await queries.invalidateQueries()
      onOpen(draft.product)
    },
  })
  return (
    <Card title={text('own.document')}>
      <div className="pad stack">
        {drafts.map(({ product, version }) => (
          <p key={product}>
            <code>{product}</code> {version}{' '}
            <button className="button small-button" onClick={() => onOpen(product)}>
              {text('own.open')}
            </button>
          </p>
        ))}
        <Form
          label={text('own.document')}
          busy={handIn.isPending}
          error={handIn.error}
          onSubmit={(filled) => handIn.mutate(filled)}
          acts={
            <button className="button primary" disabled={handIn.isPending || source === ''}>
              {text('own.hand')}
            </button>
          }
        >
          <Field name="product" label={text('own.product')} required code placeholder="credit" />
          <Field name="upstream" label={text('own.system')} required code />
          <Field name="version" type="date" label={text('own.version')} required />
          <Field
            name="file"
            type="file"
            label={text('own.file')}
            onFile={(file) => void file.text().then(setSource)}
          />
        </Form>
      </div>
    </Card>
  )
}

const classes = ['public', 'personal', 'financial', 'card', 'secret']

/** A word of a finding's last member: what is written as JSON is taken as such, all else as text. */
const said = (written: string): unknown => {
  if (!/^[[{\d]|^(?:true|false)$/.test(written)) return written
  try {
    return JSON.parse(written)
  } catch {
    return written
  }
}

const OneDraft = ({ product }: { product: string }) => {
  const text = useText()
  const queries = useQueryClient()
  const path = `/api/catalogue/drafts/${product}`
  const draft = useQuery({ queryKey: ['draft', product], queryFn: () => read<Draft>(path) })
  const annotate = useMutation({
    mutationFn: (overlay: object[]) => send<Draft>(`${path}/annotations`, { overlay }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const propose = useMutation({
    mutationFn: ({ one }: Filled) => send<Asked>(`${path}/proposal`, { reason: one('reason') }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Answer to={draft}>
      {({ findings, suggestions, notes, gone }) => (
        <Card title={product}>
          <div className="pad stack">
            {findings.length === 0 ? (
              <>
                <Note tone="good">{text('own.complete')}</Note>
                <Form
                  label={text('act.propose')}
                  busy={propose.isPending}
                  error={propose.error}
                  onSubmit={(filled) => propose.mutate(filled)}
                  acts={
                    <button className="button primary" disabled={propose.isPending}>
                      {text('act.propose')}
                    </button>
                  }
                >
                  <Field name="reason" label={text('own.reason')} required maxLength={1000} />
                </Form>
                <Waits asked={propose.data} />
              </>
            ) : (
              <Form
                label={text('own.missing')}
                busy={annotate.isPending}
                error={annotate.error}
                onSubmit={({ one }) =>
                  annotate.mutate(
                    findings.flatMap(({ pointer }) => {
                      const written = one(pointer)
                      const last = pointer.lastIndexOf('/')
                      if (written === '') return []
                      const update = { [pointer.slice(last + 1)]: said(written) }
                      return [{ target: pointer.slice(0, last), update }]
                    }),
                  )
                }
                acts={
                  <button className="button primary" disabled={annotate.isPending}>
                    {text('own.save')}
                  </button>
                }
              >
                <Findings findings={findings} suggestions={suggestions} />
              </Form>
            )}
            <Places title={text('own.notes')} places={notes} />
            <Places
              title={text('own.gone')}
              places={gone.map((pointer) => ({ pointer, detail: '' }))}
            />
          </div>
        </Card>
      )}
    </Answer>
  )
}

const Findings = (props: Pick<Draft, 'findings' | 'suggestions'>) => {
  const text = useText()
  const suggested = new Map(props.suggestions.map((s) => [s.target, s.dataClass]))
  return (
    <Table caption={text('own.missing')}>
      <thead>
        <tr>
          <th scope="col">{text('own.place')}</th>
          <th scope="col">{text('own.say')}</th>
        </tr>
      </thead>
      <tbody>
        {props.findings.map(({ pointer, code, detail }) => {
          const hint = suggested.get(pointer.slice(0, pointer.lastIndexOf('/')))
          return (
            <tr key={`${pointer} ${code}`}>
              <td>
                <code>{pointer}</code>
                <small>{detail}</small>
                {hint !== undefined && <small>{text('own.suggested', { class: hint })}</small>}
              </td>
              <td>
                {code === 'no-data-class' ? (
                  <select className="input" name={pointer} aria-label={pointer} defaultValue="">
                    <option value="" />
                    {classes.map((name) => (
                      <option key={name}>{name}</option>
                    ))}
                  </select>
                ) : (
                  <input className="input code-input" name={pointer} aria-label={pointer} />
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </Table>
  )
}

const Places = (props: { title: string; places: Draft['notes'] }) =>
  props.places.length > 0 && (
    <details>
      <summary>
        {props.title} ({props.places.length})
      </summary>
      <ul>
        {props.places.map(({ pointer, detail }) => (
          <li key={pointer + detail}>
            <code>{pointer}</code> {detail}
          </li>
        ))}
      </ul>
    </details>
  )
