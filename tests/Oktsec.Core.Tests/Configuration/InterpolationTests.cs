using Oktsec.Core.Configuration;

namespace Oktsec.Core.Tests.Configuration;

public sealed class InterpolationTests
{
    [Theory]
    [InlineData("${DB_PASSWORD}", "s3cr3t")]
    [InlineData("a${DB_PASSWORD}b${PORT}c", "as3cr3tb9191c")]
    [InlineData("$${DB_PASSWORD}", "${DB_PASSWORD}")]
    [InlineData("$$${DB_PASSWORD}", "$${DB_PASSWORD}")]
    [InlineData("$DB_PASSWORD $ {x}", "$DB_PASSWORD $ {x}")]
    [InlineData("${file:webhook.key}", "key-text")]
    [InlineData("${file:./webhook.key}", "key-text")]
    [InlineData("${file:/srv/oktsec/webhook.key}", "key-text")]
    // What a variable holds is a value: it is neither YAML nor filled in again.
    [InlineData("${INJECT}", "a: b\n- c")]
    public void Fill_Value_ReplacesWhatStandsInBraces(string written, string filled)
    {
        var config = Sample.Config($"webhooks: [{{name: a, url: 'https://h.example/', secret: '{written}'}}]");

        Assert.Equal(filled, config.Webhooks[0].Secret);
    }

    [Theory]
    [InlineData("${NOT_SET}", "the environment variable NOT_SET is not set; set NOT_SET before starting oktsec")]
    [InlineData("${EMPTY}", "the environment variable EMPTY is empty; set EMPTY before starting oktsec")]
    [InlineData("${file:other.key}", "does not exist")]
    [InlineData("${file:open.key}", "others may write it; chmod go-w open.key")]
    [InlineData("${", "${ has no closing }; write ${NAME} or ${file:PATH}; for the characters themselves write $${")]
    [InlineData("${a b}", "\"${a b}\" names no variable; write ${NAME} or ${file:PATH}; for the characters themselves write $${")]
    [InlineData("${}", "\"${}\" names no variable; write ${NAME} or ${file:PATH}; for the characters themselves write $${")]
    [InlineData("${1A}", "\"${1A}\" names no variable; write ${NAME} or ${file:PATH}; for the characters themselves write $${")]
    public void Fill_Missing_IsAnErrorThatNamesIt(string written, string message)
    {
        var error = Assert.Single(Sample.Errors($"webhooks: [{{name: a, url: 'https://h.example/', secret: '{written}'}}]"));

        Assert.Equal($"{Sample.File}:1:57: error: webhooks[0].secret: {message}", error.ToString());
    }

    [Fact]
    public void Fill_EveryKindOfValue_IsFilledIn()
    {
        var config = Sample.Config("""
            gateway: {port: "${PORT}"}
            mcp_servers:
              a:
                command: x
                args: ["--password=${DB_PASSWORD}"]
                env: {PASSWORD: "${DB_PASSWORD}"}
                cwd: ./${PORT}
              b:
                url: https://h.example/${PORT}
                headers: {Authorization: "Bearer ${DB_PASSWORD}"}
            """);

        Assert.Equal(9191, config.Gateway.Port);
        Assert.Equal(("--password=s3cr3t", "s3cr3t", "/srv/oktsec/9191"), (config.McpServers[0].Args[0], config.McpServers[0].Env["PASSWORD"], config.McpServers[0].Cwd));
        Assert.Equal(("https://h.example/9191", "Bearer s3cr3t"), (config.McpServers[1].Url, config.McpServers[1].Headers["Authorization"]));
    }

    [Fact]
    public void Fill_SecretInAWrongPlace_IsNotShown()
    {
        var problems = Sample.Read("""
            gateway: {port: "${DB_PASSWORD}", bind: "${DB_PASSWORD}", endpoint_path: "${DB_PASSWORD}"}
            fail_mode: "${DB_PASSWORD}"
            rate_limit: {window: "${DB_PASSWORD}"}
            mcp_servers: {a: {url: "${DB_PASSWORD}"}}
            agents: {bob: {allowed_tools: ["${DB_PASSWORD}/x", "[${DB_PASSWORD}]"], blocked_content: ["${DB_PASSWORD}"], can_message: ["${DB_PASSWORD}"]}}
            rules: [{id: "${DB_PASSWORD}", notify: ["${DB_PASSWORD}"]}]
            webhooks: [{name: a, url: "https://${DB_PASSWORD}.example/", events: ["${DB_PASSWORD}"]}, {name: "${DB_PASSWORD}", url: "https://x.example/"}, {name: "${DB_PASSWORD}", url: "https://x.example/"}]
            category_webhooks: [{category: "${DB_PASSWORD}"}]
            """).Problems;

        Assert.True(problems.Count > 10);
        Assert.All(problems, p => Assert.DoesNotContain("s3cr3t", p.ToString()));
    }
}
