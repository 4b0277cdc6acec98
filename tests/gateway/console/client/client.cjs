// A client that knows nothing of the console but its description: asks what a page of each kind shows, and says it.
const { OpenAPIClientAxios } = require("openapi-client-axios");

const [address, token] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };

async function main() {
  const described = new OpenAPIClientAxios({
    definition: `${address}/api/openapi.json`,
    axiosConfigDefaults: { baseURL: address, headers, proxy: false },
  });
  const definition = await fetch(`${address}/api/openapi.json`, { headers }).then((answer) => answer.json());
  described.inputDocument = definition;
  const client = await described.init();
  const asked = async (name, ...given) => (await client[name](...given)).data;
  const hour = { tag: "F1.DP.M1", range: "1h" };
  const [batch] = await asked("get_batch", { number: "240611A" });
  return {
    operations: described.getOperations().map((one) => one.operationId),
    overview: await asked("get_overview"),
    trend: await asked("get_trend", hour),
    batches: await asked("get_batches"),
    batch,
    evidence: await asked("get_evidence", { range: "1d" }),
    unknown: await client.get_alarm({ alarm: "00000000-0000-0000-0000-0000000000ff" }).catch((error) => error.response.status),
  };
}

main().then((told) => console.log(JSON.stringify(told)));
