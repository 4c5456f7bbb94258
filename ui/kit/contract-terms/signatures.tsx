/** How a contract was signed: by whom, by what, over which text, with what anybody can check without us. */
import { useQuery } from '@tanstack/react-query'
import type { SeenSignature } from '#control/contracts/signature.ts'
import { Answer } from '../answer.tsx'
import { read } from '../api.ts'
import { Icon } from '../icons.tsx'
import { useFormat, useTextOf } from '../language.tsx'
import type { en as kitEn } from '../messages/en.ts'
import { saveFile } from '../save-file.ts'
import { Card, Facts, shortHash, shortId, Verdict } from '../show.tsx'
import type { Wire } from '../wire.ts'
import type { en } from './messages/en.ts'

export type Signature = Wire<SeenSignature>
interface Signed {
  readonly id: string
  readonly documentSha256: string
}
/** Who signed, in the reader's words: each office knows its own people. */
type NameOf = (signer: string) => string | undefined

/** As they stand for whoever may read them without more ado. */
export const Signatures = ({ contract, nameOf }: { contract: Signed; nameOf: NameOf }) => {
  const signatures = useQuery({
    queryKey: ['contracts', contract.id, 'signatures'],
    queryFn: () => read<{ data: readonly Signature[] }>(`/api/contracts/${contract.id}/signatures`),
  })
  return (
    <Answer to={signatures} lines={3}>
      {({ data }) =>
        data.length > 0 && <SignatureList contract={contract} signatures={data} nameOf={nameOf} />
      }
    </Answer>
  )
}

export const SignatureList = (props: {
  contract: Signed
  signatures: readonly Signature[]
  nameOf: NameOf
}) => {
  const { contract, signatures, nameOf } = props
  const text = useTextOf<typeof en & typeof kitEn>()
  return (
    <Card title={text('signed.title')} foot={text('signed.about')}>
      <div className="pad stack">
        {signatures.map((one) => (
          <One
            key={one.side}
            signature={one}
            fits={one.documentSha256 === contract.documentSha256}
            name={nameOf(one.signer) ?? shortId(one.signer)}
          />
        ))}
      </div>
    </Card>
  )
}

const One = (props: { signature: Signature; fits: boolean; name: string }) => {
  const { signature, fits, name } = props
  const text = useTextOf<typeof en & typeof kitEn>()
  const format = useFormat()
  const { side, method, evidence, documentSha256, signedAt } = signature
  const national = 'signer' in evidence ? evidence : undefined
  const pkcs7 = 'pkcs7' in evidence ? evidence.pkcs7 : undefined
  const erasedAt = 'erasedAt' in evidence ? evidence.erasedAt : undefined
  const save = () =>
    saveFile(`${side}-${signature.contractId}.json`, `${JSON.stringify(signature, null, 2)}\n`)
  return (
    <section className="stack">
      <h3>{text(`signed.side.${side}`)}</h3>
      <Facts
        rows={[
          [text('signed.who'), national ? national.signer.name : name],
          national
            ? [
                text('signed.numbers'),
                [
                  national.signer.inn && text('signed.inn', { number: national.signer.inn }),
                  national.signer.pinfl && text('signed.pinfl', { number: national.signer.pinfl }),
                ]
                  .filter(Boolean)
                  .join(', '),
              ]
            : null,
          [text('signed.how'), text(`signed.method.${method}`)],
          national
            ? [text('signed.certificate'), <code>{national.signer.serialNumber}</code>]
            : null,
          [text('signed.when'), format.momentOf(signedAt)],
          erasedAt ? [text('signed.erased'), format.dateOf(erasedAt)] : null,
          [
            text('signed.text'),
            <span className="row">
              <code title={documentSha256}>{shortHash(documentSha256)}</code>
              <Verdict tone={fits ? 'good' : 'bad'}>
                {text(fits ? 'signed.fits' : 'signed.differs')}
              </Verdict>
            </span>,
          ],
        ]}
      />
      <div className="row">
        {pkcs7 !== undefined && (
          <button
            type="button"
            className="button text"
            onClick={() => saveFile(`${signature.contractId}.p7s`, derOf(pkcs7))}
          >
            <Icon name="download" />
            {text('signed.pkcs7')}
          </button>
        )}
        <button type="button" className="button text" onClick={save}>
          <Icon name="download" />
          {text('signed.evidence')}
        </button>
      </div>
    </section>
  )
}

const derOf = (base64: string): Blob =>
  new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))])
