import { Link, useNavigate } from '@tanstack/react-router'
import { nextPlace } from '../../kit/session.ts'
import { SignInForm } from '../../kit/sign-in.tsx'
import { Threshold } from '../../kit/threshold.tsx'
import { useText } from '../messages/index.ts'

export const SignIn = () => {
  const text = useText()
  const navigate = useNavigate()
  const arrived = () => void navigate({ to: nextPlace('/sandbox/home') })
  return (
    <Threshold
      about={text('front.about')}
      title={text('sign-in.title')}
      lead={text('sign-in.lead')}
      says={{ sentence: text('front.title'), about: text('sign-in.says') }}
    >
      <SignInForm arrived={arrived} />
      <p className="small below-form">
        {text('sign-in.new')} <Link to="/register">{text('register.act')}</Link>
      </p>
    </Threshold>
  )
}
