import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The three journeys with Java's own library (17 or later): {@code java Journeys.java government}. */
public final class Journeys {
  private static final String ISSUER = System.getenv("PORTICO_ISSUER");
  private static final String GATEWAY = System.getenv("PORTICO_GATEWAY");
  private static final String CLIENT_ID = System.getenv("PORTICO_CLIENT_ID");
  private static final String BACK = "https://partner.example/back";

  private final HttpClient client;
  private final String authorization;
  private final String aliases;

  /** What the bank or the customer refused, in their own words. */
  private static final class Refused extends IOException {
    Refused(String words) {
      super(words);
    }
  }

  private Journeys() throws Exception {
    client = HttpClient.newBuilder().sslContext(tls()).connectTimeout(Duration.ofSeconds(10)).build();
    String known = send(HttpRequest.newBuilder(URI.create(ISSUER + "/.well-known/openid-configuration")).GET());
    if (!member(known, "issuer").equals(ISSUER)) throw new IllegalStateException("the document is of another issuer");
    // With a certificate the addresses that ask for one (RFC 8705, section 5).
    var found = Pattern.compile("\"mtls_endpoint_aliases\"\\s*:\\s*\\{[^}]*}").matcher(known);
    if (!found.find()) throw new IllegalStateException("the issuer takes no certificates");
    aliases = found.group();
    authorization = member(found.replaceAll(""), "authorization_endpoint");
  }

  /** Our certificate for them, their authority for us. */
  private static SSLContext tls() throws Exception {
    var certificates = CertificateFactory.getInstance("X.509");
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null);
    try (var file = Files.newInputStream(Path.of(System.getenv("PORTICO_CA_FILE")))) {
      trusted.setCertificateEntry("bank", certificates.generateCertificate(file));
    }
    KeyStore own = KeyStore.getInstance(KeyStore.getDefaultType());
    own.load(null);
    try (var file = Files.newInputStream(Path.of(System.getenv("PORTICO_CERT_FILE")))) {
      Certificate[] chain = certificates.generateCertificates(file).toArray(new Certificate[0]);
      own.setKeyEntry("app", privateKey(), new char[0], chain);
    }
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, new char[0]);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static PrivateKey privateKey() throws Exception {
    String pem = Files.readString(Path.of(System.getenv("PORTICO_KEY_FILE")));
    byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]+-----", ""));
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
  }

  /** The first member of a name: enough for these answers; a program of yours has a library for JSON. */
  private static String member(String json, String name) {
    var found = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
    if (!found.find()) throw new IllegalStateException("the answer has no " + name);
    return found.group(1);
  }

  /**
   * One call; again after a 429 or 503, as late as the bank says, and after a broken line where doing it twice does it
   * once: a read, or a write with its key, which stays the same over all attempts.
   */
  private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpRequest asked = request.timeout(Duration.ofSeconds(30)).build();
    boolean repeatable = asked.method().equals("GET") || asked.headers().firstValue("Idempotency-Key").isPresent();
    for (int attempt = 1; ; attempt++) {
      HttpResponse<String> answer;
      try {
        answer = client.send(asked, HttpResponse.BodyHandlers.ofString());
      } catch (IOException broken) {
        if (!repeatable || attempt == 4) throw broken;
        Thread.sleep(attempt * 1000L);
        continue;
      }
      if (answer.statusCode() < 400) return answer.body();
      boolean later = answer.statusCode() == 429 || answer.statusCode() == 503;
      long seconds = answer.headers().firstValueAsLong("Retry-After").orElse(1);
      if (!later || seconds > 30 || attempt == 4) throw new Refused(answer.statusCode() + " " + answer.body());
      Thread.sleep(seconds * 1000);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Names and values, one after the other. */
  private String postForm(String endpoint, String... form) throws IOException, InterruptedException {
    var body = new StringBuilder("client_id=" + encoded(CLIENT_ID));
    for (int i = 0; i < form.length; i += 2) body.append('&').append(form[i]).append('=').append(encoded(form[i + 1]));
    return send(
        HttpRequest.newBuilder(URI.create(member(aliases, endpoint)))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  private String ownToken(String scope) throws IOException, InterruptedException {
    return member(postForm("token_endpoint", "grant_type", "client_credentials", "scope", scope), "access_token");
  }

  private static String chance() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Sends the customer to the bank, and waits until they are back. */
  private String consented(String scope, String details) throws Exception {
    String verifier = chance();
    String state = chance();
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
    String pushed =
        postForm(
            "pushed_authorization_request_endpoint",
            "response_type", "code",
            "redirect_uri", BACK,
            "scope", scope,
            "state", state,
            "code_challenge", Base64.getUrlEncoder().withoutPadding().encodeToString(digest),
            "code_challenge_method", "S256",
            "authorization_details", "[" + details + "]");
    System.out.println(
        "open: " + authorization + "?client_id=" + encoded(CLIENT_ID) + "&request_uri=" + encoded(member(pushed, "request_uri")));
    String line = new BufferedReader(new InputStreamReader(System.in)).readLine();
    var came =
        Pattern.compile("&").splitAsStream(URI.create(line.trim()).getRawQuery())
            .map(pair -> pair.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    // RFC 9207: a code of another server is not sent to this one.
    if (!state.equals(came.get("state")) || !ISSUER.equals(came.get("iss")))
      throw new IllegalStateException("the customer came back from elsewhere");
    if (came.containsKey("error")) throw new Refused("the customer said no: " + came.get("error"));
    return member(
        postForm(
            "token_endpoint",
            "grant_type", "authorization_code",
            "code", came.get("code"),
            "redirect_uri", BACK,
            "code_verifier", verifier),
        "access_token");
  }

  private String get(String token, String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(GATEWAY + path)).header("Authorization", "Bearer " + token).GET());
  }

  private String post(String token, String path, String body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(GATEWAY + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            // Keep it beside your order, and a restart does not do it twice either.
            .header("Idempotency-Key", UUID.randomUUID().toString())
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static String account(String identification) {
    return "\"schemeName\":\"UZ.AccountNumber\",\"identification\":\"" + identification + "\",\"bankCode\":\"09998\"";
  }

  private String government() throws IOException, InterruptedException {
    return post(
        ownToken("accounts:verify"),
        "/accounts/v1/ownership-verifications",
        """
        {"account":{%s},"name":"Dilnoza Rahimova","purpose":"BENEFIT_PAYMENT","legalReference":"Decree 123, case 4711"}
        """.formatted(account("80206000880000001001")));
  }

  private String telecom() throws Exception {
    String token =
        consented(
            "cards:issue cards:read",
            """
            {"type":"urn:bank:card-issue:v1","cardType":"virtual","currency":"UZS",
             "purpose":{"code":"card-programme","text":"A virtual card in our app"}}
            """);
    return post(token, "/cards/v1/cards", "{\"cardType\":\"virtual\",\"currency\":\"UZS\"}");
  }

  /** Asks now and then. A program that runs for long learns it from the webhook {@code payments.settled}. */
  private void waitUntilSettled(String token, String paymentId) throws IOException, InterruptedException {
    for (int tries = 0; tries < 120; tries++) {
      String status = member(get(token, "/payments/v1/payments/" + paymentId), "status");
      if (status.equals("ACSC")) return;
      if (status.equals("RJCT") || status.equals("CANC")) throw new Refused("the payment ended as " + status);
      Thread.sleep(500);
    }
    throw new IOException("the payment has not settled within a minute");
  }

  private String marketplace() throws Exception {
    String own = ownToken("payments:split");
    String programme = get(own, "/payments/v1/programme-account");
    var account = Pattern.compile("\"account\"\\s*:\\s*(\\{[^}]*})").matcher(programme);
    if (!account.find()) throw new IllegalStateException("the programme has no account");
    String payment =
        """
        "instructedAmount":{"amount":"1000000.00","currency":"UZS"},"creditorAccount":%s,"creditorName":"%s",
        "endToEndIdentification":"ORDER-%d"
        """.formatted(account.group(1), member(account.replaceAll(""), "name"), System.currentTimeMillis());
    String token = consented("payments", "{\"type\":\"urn:bank:payment:v1\"," + payment + "}");
    String made = member(post(token, "/payments/v1/payments", "{" + payment + "}"), "paymentId");
    waitUntilSettled(token, made);
    return post(
        own,
        "/payments/v1/split-payments",
        """
        {"paymentId":"%s","grossAmount":{"amount":"1000000.00","currency":"UZS"},"legs":[
         {"legId":"textiles","destination":{%s,"name":"Chorsu Tekstil"},"role":"seller","sharePpm":600000},
         {"legId":"bread","destination":{%s,"name":"Samarqand Non"},"role":"seller","sharePpm":233333},
         {"legId":"fee","destination":{%s,"name":"Bozor Market"},"role":"platform_fee"},
         {"legId":"vat","destination":{%s,"name":"Davlat soliq qo\u02bbmitasi g\u02bbaznasi"},"role":"tax",
          "amount":{"amount":"107142.86","currency":"UZS"}}],
         "remainderTo":"fee"}
        """
            .formatted(
                made,
                account("80208000480000102001"),
                account("80208000180000103001"),
                account("80208000180000101003"),
                account("89802000780000106001")));
  }

  public static void main(String[] arguments) throws Exception {
    String journey = arguments.length == 1 ? arguments[0] : "";
    if (!List.of("government", "telecom", "marketplace").contains(journey)) {
      System.err.println("which journey? government, telecom, marketplace");
      System.exit(2);
    }
    try {
      var journeys = new Journeys();
      String answer =
          switch (journey) {
            case "telecom" -> journeys.telecom();
            case "marketplace" -> journeys.marketplace();
            default -> journeys.government();
          };
      new PrintStream(System.out, true, StandardCharsets.UTF_8).println(answer);
    } catch (Refused refused) {
      System.err.println(refused.getMessage());
      System.exit(1);
    }
  }
}
