namespace Oktsec.Tests.Clients;

/// <summary>A file of every client as it writes it, with keys of its own around the servers. A local server is called "files".</summary>
internal static class ClientFixtures
{
    private const string Standard = """
        {
          "mcpServers": {
            "files": {
              "command": "npx",
              "args": ["-y", "@modelcontextprotocol/server-filesystem", "/data"],
              "env": { "TOKEN": "not-a-real-one" }
            },
            "bare": { "command": "uvx" }
          },
          "theme": "dark"
        }

        """;

    private const string Cline = """
        {
          "mcpServers": {
            "files": {
              "autoApprove": ["read_file"],
              "disabled": true,
              "timeout": 60,
              "type": "stdio",
              "command": "npx",
              "args": [
                "-y",
                "@modelcontextprotocol/server-filesystem",
                "/data"
              ]
            }
          }
        }
        """;

    /// <summary>Client, file below home or below <c>../project</c>, text.</summary>
    public static readonly (string Client, string File, string Text)[] All =
    [
        ("claude-code", ".claude.json", """
            {
              "numStartups": 12,
              "mcpServers": {
                "files": { "type": "stdio", "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/data"], "env": {} }
              },
              "projects": {
                "/home/u/one": { "allowedTools": [], "mcpServers": { "local": { "type": "stdio", "command": "node", "args": [], "env": {} } } },
                "/home/u/two": { "mcpServers": {} }
              },
              "userID": "x"
            }
            """),
        ("claude-code", "../project/.mcp.json", Standard),
        ("claude-desktop", ".config/Claude/claude_desktop_config.json", Standard),
        ("cursor", ".cursor/mcp.json", Standard),
        ("cursor", "../project/.cursor/mcp.json", Standard),
        ("vscode", ".config/Code/User/mcp.json", """
            {
            	// with comments, tabs and trailing commas
            	"inputs": [{ "type": "promptString", "id": "key", "password": true }],
            	"servers": {
            		"files": {
            			"type": "stdio",
            			"command": "npx",
            			"args": ["-y", "@modelcontextprotocol/server-filesystem", "${workspaceFolder}"], /* here */
            			"env": { "KEY": "${input:key}" },
            		},
            	},
            }
            """),
        ("vscode", ".config/Code/User/settings.json", """{ "editor.fontSize": 12, "mcp": { "servers": { "files": { "command": "npx", "args": [] } } } }"""),
        ("vscode", "../project/.vscode/mcp.json", """{"servers":{"files":{"type":"stdio","command":"npx","args":["-y","x"]}}}"""),
        ("cline", ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", Cline),
        ("roo-code", ".config/Cursor/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json", Cline),
        ("kilo-code", ".config/Code/User/globalStorage/kilocode.kilo-code/settings/mcp_settings.json", Cline),
        ("kilo-code", ".config/kilo/kilo.jsonc", """{ "mcp": { "files": { "type": "local", "command": ["npx", "-y", "x"] } } }"""),
        ("windsurf", ".codeium/windsurf/mcp_config.json", Standard),
        ("zed", ".config/zed/settings.json", """
            // Zed settings
            {
              "context_servers": {
                "files": { "source": "custom", "command": "npx", "args": ["-y", "x"], "env": null },
                "older": { "command": { "path": "npx", "args": [] } }
              },
              "vim_mode": true,
            }
            """),
        ("amp", ".config/amp/settings.json", """{ "amp.url": "https://ampcode.com", "amp.mcpServers": { "files": { "command": "npx", "args": ["-y", "x"] } } }"""),
        ("codex", ".codex/config.toml", """
            model = "gpt-5"          # the model

            [mcp_servers.files]
            command = "npx"          # how
            args = [
              "-y",                  # no questions
              "@modelcontextprotocol/server-filesystem",
            ]
            startup_timeout_sec = 20

            [mcp_servers.files.env]
            TOKEN = 'not-a-real-one'

            [mcp_servers."with space"]
            command = 'C:\Program Files\nodejs\npx.cmd'

            [tui]
            theme = "x"
            """),
        ("gemini", ".gemini/settings.json", Standard),
        ("qwen", ".qwen/settings.json", """{ "$version": 4, "mcpServers": { "files": { "command": "npx", "args": ["-y"], "env": {} } } }"""),
        ("opencode", ".config/opencode/opencode.json", """
            {
              "$schema": "https://opencode.ai/config.json",
              "mcp": {
                "files": {
                  "type": "local",
                  "command": ["npx", "-y", "x"],
                  "enabled": false,
                  "environment": { "A": "b" }
                }
              }
            }
            """),
        ("copilot", ".copilot/mcp-config.json", """{ "mcpServers": { "files": { "tools": ["*"], "type": "local", "command": "npx", "args": ["-y"], "env": {} } } }"""),
        ("amazon-q", ".aws/amazonq/mcp.json", Standard),
        ("junie", ".junie/mcp/mcp.json", Standard),
        ("continue", ".continue/config.yaml", """
            name: Local
            version: 1.0.0
            models: []
            mcpServers:
              # files of the project
              - name: files
                command: npx
                args: ["-y", "@modelcontextprotocol/server-filesystem", .]
                env:
                  TOKEN: ${{ secrets.TOKEN }}
              - name: other one
                command: uvx

            """),
        ("continue", "../project/.continue/mcpServers/sqlite.yaml", "name: S\nschema: v1\nmcpServers:\n- name: files\n  command: uvx\n  args:\n  - mcp-server-sqlite\n  - --db-path\n  - /tmp/a b.db\n"),
        ("lm-studio", ".lmstudio/mcp.json", Standard),
        ("goose", ".config/goose/config.yaml", """
            GOOSE_PROVIDER: openai
            extensions:
              developer:
                enabled: true
                type: builtin
              files:
                name: Files
                cmd: npx
                args:
                - -y          # no questions
                - '@modelcontextprotocol/server-filesystem'
                - 8080
                enabled: true
                envs: {}
                type: stdio
                timeout: 300

            """),
        ("mcporter", ".mcporter/mcporter.json", Standard),
        ("warp", ".warp/.mcp.json", """{ "files": { "command": "npx", "args": ["-y", "x"] } }"""),
    ];

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, All.Length)];
}
