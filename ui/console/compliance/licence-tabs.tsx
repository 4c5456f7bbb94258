import { Tabs } from '../../kit/tabs.tsx'
import { useText } from '../messages/index.ts'

/** What partners showed, what runs out of it, and what supervisors say of them. */
export const LicenceTabs = () => {
  const text = useText()
  return (
    <Tabs
      label={text('place.licences')}
      tabs={[
        { to: '/licences', name: text('evidence.title') },
        { to: '/licences/expiring', name: text('expiring.title') },
        { to: '/licences/recertification', name: text('again.title') },
        { to: '/licences/registers', name: text('registers.title') },
      ]}
    />
  )
}
