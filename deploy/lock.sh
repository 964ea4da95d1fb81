#!/bin/sh
# Pin anew what the image and the GitHub action need, at the very versions of requirements.lock. Run after `make lock`.
set -eu
cd "$(dirname "$0")/.."
env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="deploy/lock.sh" \
    .venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.12 --generate-hashes \
    --extra gateway --extra server --extra cli --constraint requirements.lock --output-file deploy/requirements.lock pyproject.toml
env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="deploy/lock.sh" \
    .venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
    --extra cli --constraint requirements.lock --output-file deploy/github-action/requirements.lock pyproject.toml

# What each agent framework needs stands alone: their pins are not ours, and clash with each other's.
for name in ag2 crewai langgraph openai_agents; do
    env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="deploy/lock.sh" \
        .venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --extra "$(echo "$name" | tr _ -)" --group adapters --output-file "deploy/adapters/$name.lock" pyproject.toml
done
