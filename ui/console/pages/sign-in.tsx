import { useNavigate } from '@tanstack/react-router'
import { nextPlace } from '../../kit/session.ts'
import { SignInForm, type Standing } from '../../kit/sign-in.tsx'
import { Threshold } from '../../kit/threshold.tsx'
import { useText } from '../messages/index.ts'

export const SignIn = () => {
  const text = useText()
  const navigate = useNavigate()
  const arrived = (factor: Standing['factor']) =>
    void navigate({ to: factor === 'missing' ? '/enrol' : nextPlace('/work') })
  return (
    <Threshold
      about={text('front.about')}
      title={text('sign-in.title')}
      lead={text('sign-in.lead')}
      says={{ sentence: text('sign-in.says'), about: text('sign-in.says-about') }}
    >
      <SignInForm arrived={arrived} />
    </Threshold>
  )
}
