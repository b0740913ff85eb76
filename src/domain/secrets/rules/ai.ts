/** Keys of model providers and of the services around them. */
import { named, token } from "../rule.ts"

export const aiTokens = [
  token("e2b-key", "e2b_", "e2b_[0-9a-f]{40}", { entropy: 3 }),
  token(
    "modal-token",
    ["ak-", "as-"],
    "a[ks]-(?=[A-Za-z]{0,21}\\d)(?=[a-z\\d]{0,21}[A-Z])(?=[A-Z\\d]{0,21}[a-z])[A-Za-z0-9]{22}",
    { entropy: 3.7 },
  ),
  token("together-key", "tgp_v1_", "tgp_v1_[\\w-]{40,50}", { entropy: 3.5 }),
  token("llamacloud-key", "llx-", "llx-[A-Za-z0-9]{40,60}", { entropy: 3.5 }),
  token("daytona-key", "dtn_", "dtn_[0-9a-f]{64}", { entropy: 3 }),
  token("anthropic-key", "sk-ant-", "sk-ant-(?:api|admin|sid|oat|ort)\\d{2}-[\\w-]{60,130}", { entropy: 3 }),
  token("openai-key", "sk-", "sk-(?:proj|svcacct|admin|service|none)-[\\w-]{40,180}", {
    flags: "i",
    entropy: 3.5,
  }),
  token("openai-key", "t3blbkfj", "sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}", { back: [23], entropy: 3.5 }),
  token("openrouter-key", "sk-or-", "sk-or-v1-[0-9a-f]{64}"),
  token("sk-key", "sk-", "sk-(?=[A-Za-z0-9]{0,30}\\d)[A-Za-z0-9]{32,64}", { entropy: 3.3 }),
  token("langfuse-key", "sk-lf-", "sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
  token("huggingface-token", "hf_", "hf_[A-Za-z0-9]{34,40}", { entropy: 3 }),
  token("huggingface-organisation-token", "api_org_", "api_org_[A-Za-z0-9]{34}", { entropy: 3 }),
  token("perplexity-key", "pplx-", "pplx-[A-Za-z0-9]{48,56}", { entropy: 3.5 }),
  token("groq-key", "gsk_", "gsk_[A-Za-z0-9]{48,56}", { entropy: 3.5 }),
  token("replicate-token", "r8_", "r8_[A-Za-z0-9]{37,40}", { entropy: 3 }),
  token("xai-key", "xai-", "xai-[A-Za-z0-9]{70,90}", { entropy: 3.5 }),
  token("cerebras-key", "csk-", "csk-[a-z0-9]{48}", { entropy: 3 }),
  token("fireworks-key", "fw_", "fw_[A-Za-z0-9]{22,26}", { entropy: 3.3 }),
  token("voyage-key", "pa-", "pa-(?=[\\w-]{0,40}\\d)[\\w-]{43}", { entropy: 4 }),
  token("nvidia-key", "nvapi-", "nvapi-[\\w-]{60,72}", { entropy: 3.5 }),
  token("langsmith-key", "lsv2_", "lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
  token("tavily-key", "tvly-", "tvly-(?:dev-|prod-)?[A-Za-z0-9]{32}", { entropy: 3 }),
  token("pinecone-key", "pcsk_", "pcsk_[A-Za-z0-9_]{50,75}", { entropy: 3.5 }),
  token("jina-key", "jina_", "jina_[A-Za-z0-9_-]{60}", { entropy: 3.5 }),
  token("firecrawl-key", "fc-", "fc-[0-9a-f]{32}", { entropy: 3 }),
  token("elevenlabs-key", "sk_", "sk_[0-9a-f]{48}", { entropy: 3 }),
  token("weights-and-biases-key", "wandb_v1_", "wandb_v1_[\\w-]{60,90}", { entropy: 3.5 }),
  token("cursor-key", "key_", "key_[0-9a-f]{64}", { entropy: 3 }),
  token("baseten-key", "llm_", "llm_[A-Za-z0-9]{8}\\.[A-Za-z0-9]{32}", { entropy: 3.5 }),
]

export const aiNames = [
  named("cohere-key", ["cohere", "co_api"], "[a-z0-9]{40}", 3),
  named("mistral-key", "mistral", "[a-z0-9]{32}", 3),
  named("deepgram-key", "deepgram", "[0-9a-f]{40}", 3),
  named("assemblyai-key", "assemblyai", "[0-9a-f]{32}", 3),
  named("weights-and-biases-key", ["wandb", "weights_and_biases"], "[0-9a-f]{40}", 3),
  named("together-key", "together", "[0-9a-f]{64}", 3),
  named("privateai-token", ["private_ai", "privateai", "private-ai"], "[a-z0-9]{32}", 3),
  named("exa-key", "exa_api", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
]
