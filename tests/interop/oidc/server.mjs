// An OpenID Connect provider (oidc-provider, certified) that a test starts: `node server.mjs CERTIFICATE KEY`; it says
// `ready PORT`. Whoever signs in as NAME is in the groups that stand behind the name: `Li Na+quality+line`.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file));
const server = createServer({ cert, key });
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  server.on("request", provider(`https://127.0.0.1:${port}`).callback());
  console.log(`ready ${port}`);
});

function provider(issuer) {
  const made = new Provider(issuer, {
    clients: [client("console", "RS256"), client("console-es", "ES256")],
    jwks: { keys: [jwk("rsa", { modulusLength: 2048 }, "RS256"), jwk("ec", { namedCurve: "P-256" }, "ES256")] },
    claims: { openid: ["sub", "groups"], profile: ["name"] },
    // Either all stands in the ID token, or most of it has to be asked for, as the specification has it.
    conformIdTokenClaims: process.env.CONFORM === "1",
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "ES256"] },
    cookies: { keys: ["a test"] },
    features: { devInteractions: { enabled: true } },
    async findAccount(_, sub) {
      const [name, ...groups] = sub.split("+");
      return { accountId: sub, claims: () => ({ sub, name, groups }) };
    },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  // The console of a test has whichever port is free.
  made.Client.prototype.redirectUriAllowed = (uri) => uri.replace(/:\d+\//, "/") === BACK;
  return made;
}

const BACK = "http://127.0.0.1/sign-in/provider/back";

function client(client_id, id_token_signed_response_alg) {
  return { client_id, client_secret: "not a secret: of a test", redirect_uris: [BACK], id_token_signed_response_alg };
}

function jwk(kind, options, alg) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: "jwk" }), kid: alg, alg, use: "sig" };
}
