namespace Oktsec.Benchmarks.Contenders;

/// <summary>The configuration that is measured: every check on, a policy for the agent, responses scanned, every call recorded.</summary>
internal static class GatewayConfigFile
{
    /// <summary>Writes it into <paramref name="folder"/>, with a database beside it.</summary>
    public static string Write(string folder, int port, bool shared)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "gateway.yaml");
        File.WriteAllText(path, $"""
            gateway:
              port: {port}
              scan_responses: true
            db_path: {folder}/oktsec.db
            mcp_servers:
              echo:
                transport: stdio
                command: {Environment.ProcessPath}
                args: [echo-server]
                shared: {(shared ? "true" : "false")}
            agents:
              load:
                allowed_tools: [write_note, read_report]
                blocked_content: [credential_leak, exfiltration]
            # Counted, never reached.
            rate_limit:
              per_agent: 100000000
              window: 60
            # The default is 1,000 for one agent; the load generator opens a few more to see whether it answers.
            limits:
              max_sessions_per_agent: 2000
            """);
        return path;
    }
}
