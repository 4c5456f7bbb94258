import { useNavigate } from '@tanstack/react-router'
import { PageHead } from '../../kit/frame.tsx'
import { SecurityCards } from '../../kit/security.tsx'
import { Threshold } from '../../kit/threshold.tsx'
import { useText } from '../messages/index.ts'

export const SecurityPage = () => {
  const text = useText()
  return (
    <>
      <PageHead title={text('security.title')} about={text('security.about')} />
      <SecurityCards />
    </>
  )
}

/** The first sign-in of a person of the bank: nothing opens before they have a second factor. */
export const Enrol = () => {
  const text = useText()
  const navigate = useNavigate()
  return (
    <Threshold
      about={text('front.about')}
      title={text('enrol.title')}
      lead={text('enrol.lead')}
      roomy
      says={{ sentence: text('sign-in.says'), about: text('sign-in.says-about') }}
    >
      <SecurityCards />
      <div className="form-acts below-form">
        <button
          type="button"
          className="button primary large full"
          onClick={() => void navigate({ to: '/decisions' })}
        >
          {text('enrol.act')}
        </button>
      </div>
    </Threshold>
  )
}
