// The story of the RAG chatbot as agents tell it: requests to the API.
import { randomUUID } from "node:crypto";

const PROJECT = "rag-chatbot";

/** Those who speak with one key at one address. */
export function teller(site, key) {
  async function say(path, body, agent) {
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json", Prefer: "wait=30", "Idempotency-Key": randomUUID() };
    if (agent) headers["Psmp-Agent"] = agent;
    const until = Date.now() + 60_000;
    for (;;) {
      const response = await fetch(`${site}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) }).catch((error) => error);
      if (response instanceof Response && response.ok) return response.json();
      const told = response instanceof Response ? await response.text() : String(response.cause ?? response);
      if (Date.now() > until || (response instanceof Response && response.status < 500)) throw new Error(`${path}: ${told}`);
      await new Promise((done) => setTimeout(done, 100)); // the gateway is away
    }
  }
  const declare = (agent, artifact, needs, summary) =>
    say(`/projects/${PROJECT}/artifacts`, { artifact, type: "code", summary, dependencies: needs.map(([name, constraint, purpose]) => ({ name, constraint, purpose })) }, agent);
  return {
    async begins() {
      await say("/projects", { project: "billing" }); // for which somebody sends what nobody can read
      await say("/projects", { project: PROJECT, name: "RAG chatbot", targets: [{ python: "3.11", platform: "linux" }], policy: { auto_resolve: false } });
      await say(`/projects/${PROJECT}/transition`, { to: "PLANNING", reason: "Architecture proposed" });
      await say(`/projects/${PROJECT}/transition`, { to: "IN_PROGRESS", reason: "Plan accepted" });
      await declare("CoderAgent", "backend", [["fastapi", ">=0.100.0", "Web framework for the REST API"], ["langchain", ">=0.1.0", "Retrieval chains"]], "FastAPI backend with a chat endpoint");
    },
    clashes: () => declare("DataScienceAgent", "embedding-pipeline", [["langchain", "==0.0.350", "Document loaders of the old API"], ["torch", "", "Model runtime"]], "Embeds documents into the vector index"),
    /** Something that changes nothing else. */
    says: () => say(`/projects/${PROJECT}/artifacts`, { artifact: `note-${randomUUID()}`, type: "code" }),
    goesOn: () => declare("NotebookAgent", "exploration", [["langchain", ">=0.1.0", "Same chains as the backend"]], "Data exploration notebooks"),
  };
}
