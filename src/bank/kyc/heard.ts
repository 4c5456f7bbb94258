/** Every operation on identities once, its refusals among them, for the test that walks the documents. */
import assert from 'node:assert/strict'

/** Asks one operation, and answers its body once it has the status and the shape that its document says. */
type Expect = (
  status: number,
  operation: string,
  given: { path?: string; body?: object; details?: object[]; query?: string },
) => Promise<Record<string, unknown>>

const verifications = '/kyc/v1/verifications'
const nowhere = `verification_${'0'.repeat(32)}`

/** The name of a customer who was identified, and the number of an account of theirs. */
interface Identified {
  readonly owner: string
  readonly number: string
  /** Nobody is real: then nobody real is taken. */
  readonly imagined: boolean
}

export const hearKyc = async (expect: Expect, identified: Identified): Promise<void> => {
  await hearVerifications(expect, identified.imagined)
  await hearBusinesses(expect)
  await hearClaims(expect, identified)
}

const hearVerifications = async (expect: Expect, imagined: boolean) => {
  const person = {
    fullName: 'Саидова Нодира',
    birthDate: '1990-09-02',
    nationalId: 'PNOUZ-90209901000777',
    citizenship: 'UZ',
    residence: 'UZ',
  }
  const wish = { reference: 'customer-1', purpose: 'ONBOARDING', person }
  const created = await expect(201, 'createVerification', { body: wish })
  const { verificationId } = created
  const path = `${verifications}/${String(verificationId)}`
  await expect(400, 'createVerification', { body: { ...wish, person: { ...person, age: 36 } } })
  const somebody = { ...person, nationalId: 'PNOUZ-31403902000019' }
  const theirs = { body: { ...wish, person: somebody } }
  const taken = await expect(imagined ? 400 : 201, 'createVerification', theirs)
  assert.equal(taken['code'], imagined ? 'sandbox/real-identifier' : undefined)
  await expect(200, 'listVerifications', { query: '?limit=1' })
  await expect(400, 'listVerifications', { query: '?cursor=AAAA' })
  await expect(200, 'getVerification', { path })
  await expect(404, 'getVerification', { path: `${verifications}/${nowhere}` })

  await expect(409, 'submitVerification', { path: `${path}/submission`, body: {} })
  const content = Buffer.from('%PDF-1.7 nobody').toString('base64')
  const document = { type: 'PASSPORT', mediaType: 'application/pdf', content }
  const documents = `${path}/documents`
  await expect(201, 'addVerificationDocument', { path: documents, body: document })
  const wrong = { ...document, mediaType: 'image/png' }
  await expect(422, 'addVerificationDocument', { path: documents, body: wrong })
  const nobodys = `/kyc/v1/verifications/${nowhere}/documents`
  await expect(404, 'addVerificationDocument', { path: nobodys, body: document })
  await expect(200, 'submitVerification', { path: `${path}/submission`, body: {} })
  await expect(409, 'addVerificationDocument', { path: documents, body: document })
  await expect(409, 'eraseVerification', { path: `${path}/erasure`, body: {} })

  const screening = await expect(201, 'createScreening', { body: { verificationId } })
  const { screeningId } = screening
  await expect(200, 'getScreening', { path: `/kyc/v1/screenings/${String(screeningId)}` })
  await expect(404, 'createScreening', { body: { verificationId: nowhere } })

  const { verificationId: other } = await expect(201, 'createVerification', { body: wish })
  const erasure = `${verifications}/${String(other)}/erasure`
  const gone = await expect(200, 'eraseVerification', { path: erasure, body: {} })
  assert.equal(gone['erased'], true)
}

const hearBusinesses = async (expect: Expect) => {
  const business = {
    reference: 'supplier-1',
    purpose: 'PAYOUTS',
    legalName: '«Зарафшон Савдо» МЧЖ',
    registrationNumber: '980000777',
    ownership: {
      parties: [
        { ref: 'akmal', kind: 'person', name: 'Каримов Акмал' },
        { ref: 'holding', kind: 'company', name: 'Zarafshon Holding' },
      ],
      holdings: [
        { owner: 'holding', of: 'business', share: '2/3' },
        { owner: 'akmal', of: 'holding', share: '1/1' },
      ],
    },
  }
  const { businessId } = await expect(201, 'createBusiness', { body: business })
  await expect(200, 'getBusiness', { path: `/kyc/v1/businesses/${String(businessId)}` })
  await expect(404, 'getBusiness', { path: `/kyc/v1/businesses/business_${'0'.repeat(32)}` })
  const holdings = [{ owner: 'akmal', of: 'nowhere', share: '1/1' }]
  const ownership = { ...business.ownership, holdings }
  await expect(422, 'createBusiness', { body: { ...business, ownership } })
}

const hearClaims = async (expect: Expect, { owner, number }: Identified) => {
  const predicates = ['age_over_18', 'resident_in', 'name_matches', 'account_owned']
  const claims = ['given_name', 'family_name', 'birthdate', 'address', 'nationalities']
  const consent = { type: 'urn:bank:kyc-claims:v1', trustFramework: 'uz_aml', predicates, claims }
  const asked = {
    trustFramework: 'uz_aml',
    predicates,
    name: owner,
    account: { schemeName: 'UZ.AccountNumber', identification: number },
  }
  const told = await expect(200, 'answerPredicates', { body: asked, details: [consent] })
  assert.deepEqual(told['answers'], [
    { predicate: 'age_over_18', result: 'TRUE' },
    { predicate: 'resident_in', result: 'TRUE' },
    { predicate: 'name_matches', result: 'TRUE' },
    { predicate: 'account_owned', result: 'TRUE' },
  ])
  await expect(403, 'answerPredicates', { body: asked })
  const fewer = { ...consent, predicates: ['age_over_18'] }
  await expect(403, 'answerPredicates', { body: asked, details: [fewer] })
  const foreign = { ...consent, trustFramework: 'eidas' }
  await expect(422, 'answerPredicates', {
    body: { ...asked, trustFramework: 'eidas' },
    details: [foreign],
  })
  const wanted = { trustFramework: 'uz_aml', claims }
  await expect(200, 'shareClaims', { body: wanted, details: [consent] })
  await expect(403, 'shareClaims', { body: wanted, details: [{ ...consent, claims: [] }] })
}
