/** What is promised of each product: added, changed, taken out. */
import { useState } from 'react'
import { Field, type Filled, Select } from '../../kit/fields.tsx'
import { useWord } from '../../kit/language.tsx'
import { useText } from '../messages/index.ts'
import { bandsAs, fieldOf, methods, type Promised, promisedIn } from './promises.ts'

interface Row {
  readonly place: number
  readonly before: Promised | undefined
}

/** The promises of a form, and what they come to when it is sent. */
export const usePromises = (signed: readonly Promised[]) => {
  const [rows, setRows] = useState<readonly Row[]>(() =>
    signed.map((before, place) => ({ place, before })),
  )
  return {
    rows,
    add: () =>
      setRows([
        ...rows,
        { place: Math.max(-1, ...rows.map(({ place }) => place)) + 1, before: undefined },
      ]),
    takeOut: (place: number) => setRows(rows.filter((row) => row.place !== place)),
    in: (filled: Filled): Promised[] =>
      rows.map(({ place, before }) => promisedIn(filled, place, before)),
  }
}

export const Promises = (props: {
  promises: ReturnType<typeof usePromises>
  products: readonly string[]
  fault: (pointer: string) => string | undefined
}) => {
  const { promises, products, fault } = props
  const text = useText()
  return (
    <fieldset className="field">
      <legend>{text('promises.title')}</legend>
      <div className="stack">
        {promises.rows.map((row, at) => (
          <OnePromise
            key={row.place}
            row={row}
            at={at}
            products={products}
            fault={(pointer) => fault(`/levels/${at}${pointer}`)}
            takeOut={() => promises.takeOut(row.place)}
          />
        ))}
        <div>
          <button type="button" className="button small-button" onClick={promises.add}>
            {text('promises.add')}
          </button>
        </div>
      </div>
    </fieldset>
  )
}

const OnePromise = (props: {
  row: Row
  at: number
  products: readonly string[]
  fault: (pointer: string) => string | undefined
  takeOut: () => void
}) => {
  const { row, at, products, fault, takeOut } = props
  const { place, before } = row
  const text = useText()
  const word = useWord()
  const name = (field: string) => fieldOf(place, field)
  const [latency] = before?.latency ?? []
  return (
    <fieldset className="field">
      <legend className="unseen">{text('promises.one', { number: at + 1 })}</legend>
      <div className="form-two">
        <Select
          name={name('product')}
          label={text('promises.product')}
          value={before?.product ?? products[0] ?? ''}
          options={products.map((value) => ({ value, label: word('product', value) }))}
          fault={fault('/product')}
        />
        <Field
          name={name('title')}
          label={text('promises.name')}
          value={before?.title ?? ''}
          required
          maxLength={120}
          fault={fault('/title')}
        />
        <Select
          name={name('method')}
          label={text('promises.availability')}
          value={before ? (before.availability?.method ?? '') : 'occurrences'}
          options={[
            { value: '', label: text('promises.not') },
            ...methods.map((value) => ({ value, label: word('levels-method', value) })),
          ]}
          fault={fault('/availability')}
        />
        <Field
          name={name('bands')}
          label={text('promises.bands')}
          hint={text('promises.bands.hint')}
          value={before ? bandsAs(before.availability?.bands ?? []) : '99.9 = 5, 99 = 10'}
          code
          fault={fault('/availability/bands/0/below') ?? fault('/availability/bands')}
        />
        <Field
          name={name('withinMs')}
          type="number"
          label={text('promises.within')}
          hint={text('promises.within.hint')}
          value={latency ? String(latency.withinMs) : ''}
          min="1"
          max="60000"
          fault={fault('/latency/0/withinMs')}
        />
        <Field
          name={name('latencyBands')}
          label={text('promises.latency-bands')}
          value={latency ? bandsAs(latency.bands) : ''}
          code
          fault={fault('/latency/0/bands/0/below') ?? fault('/latency/0/bands')}
        />
        <Field
          name={name('supportBands')}
          label={text('promises.support')}
          hint={text('promises.support.hint')}
          value={bandsAs(before?.support?.bands ?? [])}
          code
          fault={fault('/support/bands/0/below') ?? fault('/support/bands') ?? fault('/support')}
        />
        <Field
          name={name('capPercent')}
          label={text('promises.cap')}
          value={before?.capPercent ?? ''}
          fault={fault('/capPercent')}
        />
      </div>
      <div>
        <button type="button" className="button text" onClick={takeOut}>
          {text('promises.out')}
        </button>
      </div>
    </fieldset>
  )
}
