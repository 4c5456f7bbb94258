/** Says what personal data are read for, before they are shown; the journal keeps it. */
import { useMutation } from '@tanstack/react-query'
import type { Purpose } from '#control/staff/reading.ts'
import { readFor } from '../../kit/api.ts'
import { Field, Form, Select } from '../../kit/fields.tsx'
import { useText } from '../messages/index.ts'

const purposes = [
  'support',
  'onboarding',
  'contract',
  'fraud',
  'incident',
  'complaint',
  'audit',
  'regulator',
] as const satisfies readonly Purpose[]

/** What stands behind a purpose; nothing until it was said. */
export const useReading = <Read,>(path: string) =>
  useMutation({
    mutationFn: (stated: { purpose: string; said: string }) => readFor<Read>(path, stated),
  })

export const AskPurpose = (props: {
  reading: ReturnType<typeof useReading>
  usual: (typeof purposes)[number]
}) => {
  const { reading, usual } = props
  const text = useText()
  return (
    <details className="pad">
      <summary>{text('purpose.ask')}</summary>
      <p className="hint">{text('purpose.about')}</p>
      <Form
        label={text('purpose.ask')}
        busy={reading.isPending}
        error={reading.error}
        onSubmit={({ one }) => reading.mutate({ purpose: one('purpose'), said: one('said') })}
        acts={<button className="button">{text('purpose.show')}</button>}
      >
        <Select
          name="purpose"
          label={text('purpose.code')}
          value={usual}
          options={purposes.map((value) => ({ value, label: text(`purpose.${value}`) }))}
        />
        <Field name="said" label={text('purpose.said')} required maxLength={500} />
      </Form>
    </details>
  )
}
