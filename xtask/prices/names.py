"""How providers are called: by OpenTelemetry, Langfuse, LangChain, the Vercel AI SDK and litellm.

The ids are those of genai-prices, and litellm's where genai-prices does not know the provider.
"""

# Names that mean a provider, beside its id. Compared in lower case; `openai.chat` also by its first part.
ALIASES = {
    "anthropic": "claude anthropic-messages langchain_anthropic chatanthropic text-completion-anthropic",
    "aws": "aws.bedrock bedrock aws_bedrock aws-bedrock amazon amazon_bedrock amazon-bedrock "
    "bedrock_converse bedrock-converse bedrock_runtime sagemaker_bedrock chatbedrock",
    "azure": "azure.ai.openai az.ai.openai azure_openai azure-openai azureopenai azure_text openai.azure "
    "azurechatopenai",
    "azure_ai": "azure.ai.inference az.ai.inference azure-ai azureai azure_ai_inference azure-foundry foundry",
    "cerebras": "cerebras.chat",
    "cloudflare": "workers-ai workersai cloudflare-workers-ai",
    "cohere": "cohere_chat",
    "deepseek": "deepseek.chat",
    "fireworks": "fireworks_ai fireworks-ai fireworks_ai-embedding-models",
    "github-copilot": "github_copilot",
    "google": "gcp.gemini gcp.vertex_ai gcp.gen_ai gemini google_genai google-genai google_vertexai "
    "google-vertex google-vertex-ai vertex_ai vertexai vertex google.generative-ai google.vertex gcp "
    "google_ai_studio palm",
    "groq": "groqcloud",
    "meta": "meta.ai",
    "mistral": "mistral_ai mistralai mistral-ai codestral text-completion-codestral",
    "moonshotai": "moonshot moonshot_ai kimi",
    "novita": "novita_ai novita-ai",
    "openai": "openai.chat openai.responses openai.completion text-completion-openai chatopenai open_ai",
    "openrouter": "open_router open-router",
    "perplexity": "perplexity_ai pplx perplexityai",
    "together": "together_ai together-ai togetherai",
    "voyageai": "voyage voyage_ai voyage-ai",
    "watsonx": "ibm.watsonx.ai watsonx.ai ibm_watsonx",
    "x-ai": "xai x_ai x.ai grok",
    "zai": "z.ai z-ai zai-org",
    "zhipuai": "zhipu zhipu_ai bigmodel.cn",
    "dashscope": "alibaba_cloud.model_studio qwen alibaba tongyi aliyun",
    "volcengine": "doubao ark",
    # They run on one's own machine: their names must not be taken for a priced model's.
    "ollama": "ollama_chat",
    "self-hosted": "vllm hosted_vllm lm_studio lmstudio llamacpp llama.cpp llama_cpp llamafile local localai "
    "sglang text-generation-inference tgi triton",
}

# litellm's `litellm_provider`, where it is another than ours. `vertex_ai-…` is taken care of below.
LITELLM = {
    "text-completion-openai": "openai",
    "azure_text": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "gemini": "google",
    "vertex_ai": "google",
    "xai": "x-ai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "fireworks_ai-embedding-models": "fireworks",
    "cohere_chat": "cohere",
    "moonshot": "moonshotai",
    "voyage": "voyageai",
    "github_copilot": "github-copilot",
    "codestral": "mistral",
    "text-completion-codestral": "mistral",
}

# Model names that say by themselves who serves them; asked before genai-prices' own. Bedrock's ids
# name the maker first: `us.anthropic.claude-sonnet-4-20250514-v1:0`.
MAKES_FIRST = {
    "aws": "/^(?:arn:aws[a-z-]*:bedrock:.*|(?:(?:us|eu|apac|jp|au|ca|in|global|us-gov)\\.)?(?:anthropic|"
    "amazon|meta|cohere|ai21|mistral|deepseek|qwen|moonshotai|minimax|nvidia|stability|writer|twelvelabs|"
    "zai)\\.[a-z0-9])",
}

# Who is asked in this order for a model whose provider nobody names.
MAKERS = (
    "openai anthropic google mistral cohere x-ai deepseek moonshotai zai zhipuai minimax perplexity "
    "voyageai meta aws"
).split()

# A provider that serves what another makes, beside what genai-prices says.
FALLBACKS = {"azure_ai": ["azure", "openai"], "bedrock_mantle": ["aws"], "chatgpt": []}

# The first part of a litellm key that names a region of Azure or Bedrock, or a commitment there.
REGIONS = ("eu", "us", "apac", "global", "global-standard", "*")


def of_litellm(name):
    """Our id of a `litellm_provider`."""
    return LITELLM.get("vertex_ai" if name.startswith("vertex_ai") else name, name)


def place(key, entry):
    """Our provider and model name of a litellm key, and whether the name begins with a region."""
    name = entry.get("litellm_provider") or key.split("/")[0]
    provider, model = of_litellm(name), key.lower()
    first, slash, rest = model.partition("/")
    written = {name.lower(), name.lower().split("-")[0], provider}
    if slash and (first in written or of_litellm(first) == provider):
        model = rest
    regional = provider in ("azure", "azure_ai", "aws") and _regional(model)
    return provider, model, regional


def geographic(model):
    """Whether a model name of Bedrock begins with the geography of an inference profile."""
    return model.partition(".")[0] in ("us", "eu", "apac", "jp", "au", "ca", "in", "us-gov")


def _regional(model):
    first, slash, rest = model.partition("/")
    parts = first.split("-")
    return bool(slash) and (first in REGIONS or (len(parts) >= 3 and parts[-1].isdigit()))
