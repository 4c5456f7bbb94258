import type { Translation } from '../../kit/text.ts'
import type { en } from './en.ts'

export const uz: Translation<typeof en> = {
  'front.about': 'hamkorlar uchun',
  'front.title': 'Bankka bitta eshik. Hamma qoida koʻz oldida.',
  'front.lead':
    'Hisoblar, toʻlovlar va kartalar bitta API’da. Sinov kalitlari bir daqiqada, birinchi soʻrov besh daqiqada, har bir javobning, hatto radning ham sababi bor.',
  'front.create': 'Sinov muhitini yaratish',
  'front.get-keys': 'Kalit olish',
  'front.products': 'Mahsulotlar',
  'front.tiers': 'Darajalar',
  'front.first-call': 'Birinchi soʻrov',
  'front.proof.operations': 'Bugun taklif qilinayotgan amallar',
  'front.proof.rate': 'Sinov muhitida soniyasiga soʻrov',
  'front.proof.people': 'Ish muhitidagi har oʻzgarish ortida turgan odam',
  'front.sample': 'Birinchi soʻrov va uning javobi',
  'front.sample.request': 'Soʻrov',
  'front.sample.checked': 'Bank nimani tekshirdi',
  'front.sample.answer': 'Javob',
  'front.sample.withheld': 'berilmadi: ReadAccountsDetail kerak',
  'front.gate.proven': 'Sertifikat va token isbotlandi',
  'front.gate.allowed': 'Litsenziya, shartnoma va huquq ruxsat beradi',
  'front.gate.limit': 'Daraja chegarasi ichida',
  'front.gate.consent': 'Mijoz roziligi buni qamraydi',
  'front.gate.released': '4 maydon berildi, 1 tasi berilmadi',
  'front.products.title': 'Soʻrashning bitta yoʻli',
  'front.products.about':
    'Hamma joyda bir xil autentifikatsiya, xatolar, idempotentlik va versiyalar. Bitta mahsulotni oʻrgansangiz, hammasini bilasiz.',
  'front.price-from': 'bir soʻrov {price} dan · {version} versiya',
  'front.tiers.title': 'Darajalar boʻyicha chegaralar',
  'front.tiers.about':
    'Shu sonlar shartnomangizda ham turadi va shlyuz ularga amal qiladi. Rad etilgan soʻrovlar uchun haq olinmaydi.',
  'front.by-law': 'Qonun bepul qilgan kirish.',
  'front.by-law.about':
    'Litsenziyali provayderlar uchun hisob maʼlumoti, toʻlovni boshlash va mablagʻni tasdiqlash: narxsiz, xuddi shunday xizmat, bankning oʻz kanalidan sekin emas.',
  'front.first-call.title': 'Shu sahifadan birinchi soʻrovgacha',
  'front.first-call.about':
    'Anketa yuborish ham, menejer kutish ham yoʻq. Bank odamlari siz ish muhitiga oʻtganda qoʻshiladi.',
  'front.step.register': 'Roʻyxatdan oʻting',
  'front.step.register.when': 'hozir',
  'front.step.register.about': 'Pochta manzili va parol. Kimligingizni oʻzingiz aytasiz.',
  'front.step.key': 'Kalit yarating',
  'front.step.key.when': '1 daqiqa',
  'front.step.key.about':
    'Uni brauzeringiz yaratadi; yopiq yarmi sizda qoladi. curl uchun bitta fayl.',
  'front.step.call': 'Soʻrov yuboring',
  'front.step.call.when': '3 daqiqa',
  'front.step.call.about':
    'Namunada sizning qiymatlaringiz bor. Soʻrov narxi bilan shu yerda chiqadi.',
  'front.step.live': 'Ishga tushing',
  'front.step.live.when': 'tayyor boʻlganda',
  'front.step.live.about':
    'Hujjatlar, shartnoma, ish kalitlari. Har bir qadam navbat kimdaligini va nimani kutayotganini aytadi.',
  'front.foot': '{bank}. Portico bilan chop etilgan, ochiq kod.',
  'front.addresses': 'Manzillar',

  'tier.term': 'Shart',
  'tier.sold': 'shartnoma bilan',
  'tier.free': 'darhol, bepul',
  'tier.verifications': 'Daqiqasiga egalik tekshiruvi',
  'tier.reveals': 'Daqiqasiga karta ochish',

  'sign-in.lead': 'Tashkilotingiz ilovalari, shartnomalari va sarfiga.',
  'sign-in.new': 'Birinchi martami?',
  'sign-in.says':
    'Har bir soʻrovingizni tushuntirish mumkin: nima tekshirildi, qancha turdi, kim ruxsat berdi.',

  'register.title': 'Tashkilotni roʻyxatdan oʻtkazish',
  'register.lead': 'Sinov muhiti darhol ochiladi. Hozircha hech narsani odam tekshirmaydi.',
  'register.act': 'Roʻyxatdan oʻtish',
  'register.known': 'Roʻyxatdan oʻtganmisiz?',
  'register.says': 'Sinov kalitlari bir daqiqada.',
  'register.says-about':
    'Maoshi, ijarasi va ogʻir oyi bor toʻqima odamlar. Ish muhitidagi oʻsha shlyuz, oʻsha qoidalar va oʻsha javoblar.',
  'organisation.name': 'Tashkilot',
  'organisation.legal-name': 'Rasmiy nomi, agar farq qilsa',
  'organisation.legal-name.hint': 'Davlat reyestridagidek. Shartnomalarda shu nom turadi.',
  'organisation.legal-name.short': 'Rasmiy nomi',
  'organisation.country': 'Mamlakat',
  'organisation.statuses': 'Tashkilotingiz kim?',
  'organisation.statuses.hint':
    'Mosini tanlang yoki boʻsh qoldiring. Sinov muhitida soʻzingiz yetarli; ish muhiti hujjat soʻraydi.',
  'person.password.hint': 'Kamida 12 belgi. Gap boʻlsa ham boʻladi.',
  'partner.suspended':
    'Bank tashkilotingizni toʻxtatib turibdi. Tiklanmaguncha ish muhiti soʻrovlari rad etiladi.',

  'country.UZ': 'Oʻzbekiston',
  'country.KZ': 'Qozogʻiston',
  'country.KG': 'Qirgʻiziston',
  'country.TJ': 'Tojikiston',
  'country.TM': 'Turkmaniston',
  'country.AZ': 'Ozarbayjon',
  'country.GE': 'Gruziya',
  'country.RU': 'Rossiya',
  'country.TR': 'Turkiya',
  'country.AE': 'BAA',
  'country.DE': 'Germaniya',
  'country.LT': 'Litva',
  'country.GB': 'Buyuk Britaniya',
  'country.US': 'AQSH',

  'place.home': 'Bosh sahifa',
  'place.build': 'Yaratish',
  'place.go-live': 'Ishga tushish',
  'place.run': 'Ishlatish',
  'place.applications': 'Ilovalar',
  'place.licences': 'Litsenziyalar',
  'place.contracts': 'Shartnomalar',
  'place.usage': 'Sarf',

  'home.hello': '{name}: keyingi qadam',
  'home.about.sandbox': 'Boshidan birinchi soʻrovgacha. Bu yoʻlda bankdan hech kim kerak emas.',
  'home.about.production':
    'Hujjatlardan ish soʻrovlarigacha. Har bir qadam navbat kimdaligini aytadi; bank oʻzgarishlarini doim ikki kishi qiladi.',
  'home.done': 'bajarildi',
  'home.organisation': 'Tashkilotingiz',
  'home.declared': 'Bildirilgan',
  'home.other': 'Boshqa muhit',
  'home.other.steps': {
    one: '{count} qadamdan {done} tasi bajarildi.',
    other: '{count} qadamdan {done} tasi bajarildi.',
  },
  'home.other.act': 'Oʻsha yoʻlni koʻrish',

  'step.organisation': 'Tashkilot',
  'step.organisation.done': '{date} kuni roʻyxatdan oʻtgan',
  'step.sandbox-application': 'Sinov muhitidagi ilova',
  'step.sandbox-application.about':
    'Dasturingiz kimligi: unga nima mumkin va oʻzini qanday isbotlaydi. Kalitni brauzer yaratadi.',
  'step.sandbox-application.done': '{name} amalda',
  'step.first-call': 'Birinchi soʻrov',
  'step.first-call.about':
    'Namunada sizning qiymatlaringiz bor. Qoʻying, ishga tushiring va kelishini koʻring.',
  'step.first-call.refused': 'Soʻrov keldi va rad etildi. Sababi sarf sahifasida.',
  'step.first-call.done': 'Keldi: {time}',
  'step.first-call.act': 'Soʻrov yuborish',
  'step.go-live': 'Ish muhiti',
  'step.go-live.about': 'Hujjatlar, litsenziya, shartnoma, ish kalitlari.',
  'step.go-live.act': 'Ish muhitiga nima kerak',
  'step.evidence': 'Hujjatlar',
  'step.evidence.about':
    'Kimligingizni koʻrsatadigan hujjatlar: siyosatlar, attestatsiyalar, roʻyxatlar. Litsenziyalar sahifasi har bir ruxsatga nima yetishmasligini koʻrsatadi.',
  'step.evidence.some': {
    one: '{count} hujjatdan {accepted} tasi qabul qilingan.',
    other: '{count} hujjatdan {accepted} tasi qabul qilingan.',
  },
  'step.evidence.act': 'Hujjat topshirish',
  'step.licence': 'Litsenziya maqomi',
  'step.licence.about': 'Bildirganingizni tasdiqlashni bankdan soʻrang.',
  'step.licence.asked': 'Siz soʻradingiz. Komplayens tekshiradi, ikkinchi odam rozi boʻladi.',
  'step.contract': 'Shartnoma',
  'step.contract.about': 'Maqomingiz tasdiqlangach taklif qilinadi.',
  'step.contract.offered': 'U imzoingizni kutmoqda.',
  'step.contract.done': 'Kuchda, {tier} darajasi',
  'step.contract.act': 'Oʻqish va imzolash',
  'step.production-application': 'Ish muhitidagi ilova',
  'step.production-application.about':
    'Yangi kalitlar, hech qachon sinovdagilar emas. Uni bankning ikki odami koʻradi.',
  'step.production-call': 'Birinchi ish soʻrovi',
  'step.production-call.about': 'Sarf sahifasida narxi bilan chiqadi.',

  'applications.title': 'Ilovalar',
  'applications.about.sandbox':
    'Sinov muhitini chaqiradigan dasturlar. Yaratilishi bilan ishlaydi.',
  'applications.about.production':
    'Ish muhiti dasturlari. Har birini bankning ikki odami maʼqullaydi; toʻxtatish yolgʻiz sizning qoʻlingizda.',
  'applications.new.sandbox': 'Yangi ilova',
  'applications.new.production': 'Ilova soʻrash',
  'applications.none': 'Bu yerda hali ilova yoʻq',
  'applications.none.sandbox': 'Yarating, birinchi soʻrovga ikki daqiqa qoladi.',
  'applications.none.production': 'Hujjat va shartnoma tayyor boʻlganda soʻrang.',

  'application.one': 'Ilova',
  'application.new': 'Yangi ilova',
  'application.new.about.sandbox': 'U darhol amalda. Kalitlarni shu brauzer yaratadi.',
  'application.new.about.production': 'Bankning ikki odami maʼqullagach ishlaydi.',
  'application.name.hint': 'Oʻzingiz tanlaysiz. Saqlangan fayllar shu nomda boʻladi.',
  'application.keys': 'Yopiq yarmi sizda qoladi.',
  'application.keys.about':
    'Uni shu brauzer yaratadi va yuklamalarga saqlaydi. Bank faqat ochiq yarmini oladi va kalitni qayta yarata olmaydi.',
  'application.production.about':
    'Soʻralganni ikki odam koʻradi. Ikkinchisi rozi boʻlishi bilan kalitlar ishlaydi.',
  'application.csr': 'Sertifikat soʻrovi (PEM)',
  'application.csr.hint': 'PKCS #10; kalit P-256, P-384 yoki kamida 3072 bitli RSA.',
  'application.redirects': 'Qaytish manzillari',
  'application.redirects.hint.sandbox':
    'Mijozlar qaytadigan joy, har qatorda bittadan. https yoki localhost. Mijozdan soʻramasangiz, boʻsh qoldiring.',
  'application.redirects.hint.production':
    'Mijozlar qaytadigan joy, har qatorda bittadan, faqat https. Mijozdan soʻramasangiz, boʻsh qoldiring.',
  'application.rehearsal.title': 'Mashq',
  'application.rehearsal': 'Ish muhitidek javob berish',
  'application.rehearsal.about':
    'Ruxsatlar maqom va attestatsiyalaringizdan hisoblanadi, yetishmagani shu yerdayoq rad etiladi.',
  'application.ask.sandbox': 'Ilova yaratish',
  'application.ask.production': 'Bankdan soʻrash',
  'application.about': 'U haqida',
  'application.bound': 'Tokenlar',
  'application.grants': 'Kirish turlari',
  'application.saved': '`{file}` yuklamalarga saqlandi. Uni paroldek asrang.',

  'way.certificate': 'Mijoz sertifikati, shu yerda yaratiladi',
  'way.certificate.about': 'Bitta PEM fayl. curl uchun boshqa narsa kerak emas.',
  'way.own-request': 'Oʻz soʻrovim boʻyicha mijoz sertifikati',
  'way.own-request.about': 'CSR’ni qoʻying; kalit bu sahifaga tegmaydi.',
  'way.key': 'DPoP bilan imzo kaliti, shu yerda yaratiladi',
  'way.key.about': 'FAPI 2.0 kutubxonasi uchun yopiq JWK: private_key_jwt va DPoP.',

  'certificates.title': 'Sertifikatlar',
  'certificates.new': 'Yangi sertifikat',
  'certificates.none': 'Yoʻq. Bu ilova oʻzini oʻz kaliti bilan isbotlaydi.',
  'certificates.fingerprint': 'Barmoq izi',
  'certificates.until': 'Amal qilish muddati',
  'certificates.live': 'kuchda',
  'certificates.ended': 'tugagan',
  'certificates.download': 'Sertifikat',
  'certificates.revoke': 'Hozir bekor qilish',
  'certificates.ask': 'Sertifikat soʻrash',
  'certificates.csr.hint':
    'Boʻsh qoldirsangiz, brauzer yangi kalit yaratib, sertifikat bilan birga saqlaydi.',

  'stop.title': 'Toʻxtatish',
  'stop.about':
    'Kalit va sertifikatlari bir soniyada, butunlay ishlamay qoladi. Yangi ilovaning kalitlari yangi boʻladi.',
  'stop.name': 'Toʻxtatish uchun nomini yozing: {name}',
  'stop.misspelt': 'Nom mos kelmadi. Hech narsa toʻxtatilmadi.',
  'stop.act': 'Ilovani hozir toʻxtatish',

  'first-call.title': 'Birinchi soʻrovingiz',
  'first-call.about':
    '`{file}` va `portico-ca.pem` fayllarini bitta jildga qoʻying va buni oʻsha yerda bajaring. Belgilangan qiymatlar sizniki.',
  'first-call.program':
    'Bu ilova oʻz kaliti bilan imzolaydi, yolgʻiz curl buni qila olmaydi. Saqlangan JWK’ni FAPI 2.0 kutubxonasiga bering.',
  'first-call.waiting': 'Birinchi soʻrovingizni kutyapmiz',
  'first-call.waiting.about': 'Sahifa oʻzi yashil boʻladi.',
  'first-call.arrived': 'Keldi.',

  'licences.title': 'Litsenziyalar',
  'licences.about.sandbox': 'Bu yerda soʻzingiz yetarli: bildirganingiz ochadiganini ochadi.',
  'licences.about.production':
    'Har bir ruxsat darvozalardan tartib bilan oʻtadi. Birini ochib, nima yetishmasligini va kim berishini koʻring.',
  'licences.permissions': 'Ruxsatlar',
  'licences.statuses': 'Maqomlar',
  'licences.no-status':
    'Siz hech narsa bildirmagansiz, shuning uchun hali tekshirilmagan hisoblanasiz.',
  'licences.since': '{date} dan',
  'licences.asked': 'Siz tasdiqlashni soʻradingiz: {statuses}.',
  'licences.ask': 'Shu maqomlarni soʻrash',
  'licences.ask.which': 'Bank nimani tasdiqlasin?',
  'licences.ask.hint': 'Komplayens hujjatlarni tekshiradi; ikkinchi odam rozi boʻladi.',

  'evidence.title': 'Hujjatlar',
  'evidence.add': 'Hujjat qoʻshish',
  'evidence.none': 'Hali hujjat yoʻq',
  'evidence.none.about':
    'Har bir hujjatni bankning ikki odami tekshiradi va u muddati tugaguncha hisobga olinadi.',
  'evidence.number': 'Raqami',
  'evidence.shows': 'Nimani koʻrsatadi',
  'evidence.shows.hint': 'Masalan, attestatsiya darajasini.',
  'evidence.valid-from': 'Qachondan',
  'evidence.valid-to': 'Qachongacha',
  'evidence.file': 'Hujjatning oʻzi',
  'evidence.file.hint': 'SHA-256 shu yerda hisoblanadi; fayl yuborilmaydi.',
  'evidence.file.missing': 'Hujjatni tanlang: komplayens aynan uning xeshini solishtiradi.',
  'evidence.hand-in': 'Topshirish',

  'contracts.title': 'Shartnomalar',
  'contracts.about': 'Siz va bank kelishganlari, ikkalasi imzolagan xesh bilan.',
  'contracts.none': 'Hali shartnoma yoʻq',
  'contracts.none.about':
    'Maqomingiz tasdiqlangach taklif qilinadi. Sinov muhitiga shartnoma kerak emas: uning shartlari Sandbox darajasi.',
  'contract.agreement': 'Hamkor API shartnomasi',
  'contract.ready': 'Shartnomangiz imzoga tayyor',

  'signature.title': '{organisation} nomidan imzolash',
  'signature.you': 'Siz',
  'signature.hash': 'Imzolaysiz',
  'signature.text': 'shu matnni, xeshi boʻyicha',
  'signature.signed': 'Imzolangan',
  'signature.countersigned': 'Bank imzolagan',
  'signature.signatory': 'Tashkilotingizning imzolovchisi imzolaydi. Rollaringizda u yoʻq.',
  'signature.waits': 'Endi bank imzolaydi.',
  'signature.before': 'Imzolashdan oldin',
  'signature.read': 'Bandlar va narxlarni oʻqib chiqdim.',
  'signature.unread': 'Oʻqing va belgilang, keyin imzolang.',
  'signature.act': 'Imzolash',
  'signature.after': 'Keyin bank imzolaydi va shlyuz shu yerda yozilganiga amal qiladi.',

  'usage.title': 'Sarf',
  'usage.about.sandbox': 'Ish muhitidagidek narxlanadi, lekin hisob yozilmaydi.',
  'usage.about.production':
    'Har bir soʻrov bir marta, shartnomangiz narxida hisoblanadi. Rad etilganlar uchun haq olinmaydi.',
}
