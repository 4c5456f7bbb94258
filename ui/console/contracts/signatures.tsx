import { type Signature, SignatureList } from '../../kit/contract-terms/signatures.tsx'
import { Card } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useMay } from '../proposing.tsx'
import { AskPurpose, useReading } from '../purpose/ask-purpose.tsx'
import { useNames } from '../queries.ts'
import type { Contract, List } from '../wire.ts'

const readers = ['auditor', 'compliance', 'head-of-platform', 'partner-success', 'finance'] as const

/** How both sides signed: a certificate names a person, so it is read for a purpose. */
export const SignaturesForPurpose = ({ contract }: { contract: Contract }) => {
  const text = useText()
  const names = useNames()
  const reads = useMay(readers)
  const reading = useReading<List<Signature>>(`/api/contracts/${contract.id}/signatures`)
  if (!reads || contract.signedAt === null) return null
  return reading.data ? (
    <SignatureList contract={contract} signatures={reading.data.data} nameOf={names.actor} />
  ) : (
    <Card title={text('signed.title')}>
      <AskPurpose reading={reading} usual="contract" />
    </Card>
  )
}
