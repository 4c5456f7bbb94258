/** What asks: buttons, fields in each state, forms that were refused. */
import { Refusal } from '../../kit/api.ts'
import { Choices, faultAt, Field, Form, Select, TextArea } from '../../kit/fields.tsx'
import { Icon } from '../../kit/icons.tsx'
import { Card } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'

const kinds = ['', 'primary', 'production', 'stop', 'text', 'small-button', 'large'] as const

const refused = new Refusal(422, {
  code: 'control/request-invalid',
  title: 'The request does not fit',
  detail: 'one field is wrong',
  instance: '0193f5fe-2c4d-7a10-b8e1-f3a29c4d7e55',
  errors: [{ pointer: '/amount', code: 'range', detail: 'is more than the limit' }],
})

export const Asking = () => {
  const text = useText()
  return (
    <>
      <Card title={text('gallery.buttons')}>
        <div className="pad stack">
          {[false, true].map((disabled) => (
            <p key={String(disabled)} className="row">
              {kinds.map((kind) => (
                <button key={kind} type="button" className={`button ${kind}`} disabled={disabled}>
                  {kind === 'large' && <Icon name="contract" />}
                  {kind || 'button'}
                </button>
              ))}
            </p>
          ))}
        </div>
      </Card>
      <div className="columns even">
        <Card title={text('gallery.fields')}>
          <div className="pad">
            <Fields />
          </div>
        </Card>
        <Card title={text('gallery.refused')}>
          <div className="pad">
            <Refused />
          </div>
        </Card>
      </div>
    </>
  )
}

const Fields = () => {
  const text = useText()
  const options = (['good', 'warn', 'bad'] as const).map((tone) => ({
    value: tone,
    label: text(`gallery.tone.${tone}`),
    about: text('gallery.sample'),
  }))
  return (
    <Form
      label={text('gallery.fields')}
      busy={false}
      error={null}
      onSubmit={() => undefined}
      acts={<button className="button primary">{text('gallery.act')}</button>}
    >
      <Field name="plain" label={text('gallery.field.text')} hint={text('gallery.sample')} />
      <div className="form-two">
        <Field name="day" type="date" label={text('gallery.formats.day')} value="2026-11-23" />
        <Field name="number" type="number" label={text('gallery.formats.number')} value="42" />
      </div>
      <Field name="code" code label={text('gallery.field.code')} placeholder="partner_…" />
      <Field name="file" type="file" label={text('gallery.field.file')} />
      <Select name="one" label={text('gallery.field.select')} options={options} />
      <TextArea name="long" label={text('gallery.field.long')} />
      <Choices
        name="radio"
        label={text('gallery.field.one')}
        boxed
        chosen={['good']}
        options={options}
      />
      <Choices name="check" label={text('gallery.field.many')} many pairs options={options} />
    </Form>
  )
}

const Refused = () => {
  const text = useText()
  return (
    <Form
      label={text('gallery.refused')}
      busy={false}
      error={refused}
      onSubmit={() => undefined}
      acts={
        <button className="button primary" disabled>
          {text('gallery.act')}
        </button>
      }
    >
      <Field
        name="amount"
        label={text('gallery.formats.amount')}
        value="9 999 999"
        fault={faultAt(refused, '/amount')}
      />
      <TextArea name="why" label={text('gallery.field.long')} fault={text('gallery.fault')} />
      <Select
        name="which"
        label={text('gallery.field.select')}
        options={[{ value: '', label: '—' }]}
        fault={text('gallery.fault')}
      />
      <Choices
        name="many"
        label={text('gallery.field.many')}
        many
        options={[{ value: 'yes', label: text('gallery.sample') }]}
        fault={text('gallery.fault')}
      />
    </Form>
  )
}
