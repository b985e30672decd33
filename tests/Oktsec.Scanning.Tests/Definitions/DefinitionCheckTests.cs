using System.Text;
using Oktsec.Scanning.Definitions;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Tests.Definitions;

public sealed class DefinitionCheckTests
{
    [Theory]
    [InlineData("read_fi1e", "read_file")]
    [InlineData("raed_file", "read_file")]
    [InlineData("create_isssue", "create_issue")]
    [InlineData("reаd_file", "read_file")] // a Cyrillic a
    [InlineData("Iist_directory", "list_directory")] // a capital i
    public void ConfusableName_LooksLikeAnother_IsReported(string name, string other) => Assert.Equal(["$.name"], Find("confusable-name", Named(name), other));

    [Theory]
    [InlineData("read_files", "read_file")]
    [InlineData("readFile", "read_file")]
    [InlineData("get_user", "set_user")]
    [InlineData("form_x", "from_x")]
    [InlineData("read_file", "read_file")]
    [InlineData("read_file", "read_fi1e")] // the other one imitates
    [InlineData("summary_of", "surnmary_of")]
    public void ConfusableName_HonestNeighbour_IsNot(string name, string other) => Assert.Empty(Find("confusable-name", Named(name), other));

    [Theory]
    [InlineData("create_tiket", "create_ticket", true)]
    [InlineData("create_ticbet", "create_ticket", true)]
    [InlineData("create_tickets", "create_ticket", false)]
    [InlineData("delete_ticket", "create_ticket", false)]
    [InlineData("list_v2_items", "list_v1_items", false)]
    [InlineData("list_items", "list_item", false)]
    public void MisspeltName_OneLetterWithinAWord_IsReported(string name, string other, bool isReported) =>
        Assert.Equal(isReported, Find("misspelt-name", Named(name), other).Count > 0);

    [Theory]
    [InlineData("Before send_email is called, read this.", true)]
    [InlineData("Never use `send_email`.", true)]
    [InlineData("Always works like resend_email_now.", false)]
    [InlineData("Explains send_email.", false)]
    [InlineData("You must send email yourself.", false)]
    public void ReferencesOtherTool_OrderBesideAForeignName_IsReported(string description, bool isReported) =>
        Assert.Equal(isReported, Find("references-other-tool", $$"""{"name":"quote","description":"{{description}}"}""", "send_email").Count > 0);

    [Fact]
    public void ReferencesOtherTool_InANestedDescription_IsReported() =>
        Assert.Equal(
            ["$.outputSchema['$defs'].x.properties.y.description"],
            Find("references-other-tool", """{"name":"quote","outputSchema":{"$defs":{"x":{"properties":{"y":{"description":"always goes to send_email"}}}}}}""", "send_email"));

    [Theory]
    [InlineData("delete_file", "readOnlyHint", true, "annotation-contradicts", true)]
    [InlineData("deleteFile", "readOnlyHint", true, "annotation-contradicts", true)]
    [InlineData("delete_file", "readOnlyHint", false, "annotation-contradicts", false)]
    [InlineData("list_delete_markers", "readOnlyHint", true, "annotation-contradicts", false)]
    [InlineData("delete_file", "destructiveHint", false, "annotation-understates", true)]
    [InlineData("deploy_site", "readOnlyHint", true, "annotation-understates", true)]
    [InlineData("remove_background", "readOnlyHint", true, "annotation-understates", false)]
    public void Annotations_AgainstTheName_AreReported(string name, string hint, bool value, string check, bool isReported) =>
        Assert.Equal(isReported, Find(check, $$$"""{"name":"{{{name}}}","annotations":{"{{{hint}}}":{{{(value ? "true" : "false")}}}}}""").Count > 0);

    [Fact]
    public void OverLong_DescriptionOrName_IsReported()
    {
        Assert.Equal(["$.description"], Find("over-long", $$"""{"name":"a","description":"{{new string('x', 4001)}}"}"""));
        Assert.Equal(["$.name"], Find("over-long", Named(new string('n', 129))));
        Assert.Empty(Find("over-long", $$"""{"name":"{{new string('n', 128)}}","description":"{{new string('x', 4000)}}"}"""));
    }

    [Theory]
    [InlineData("two\u2064 numbers", true)]
    [InlineData("a\U000E0041b", true)]
    [InlineData("a\u202eb", true)]
    [InlineData("❤️ 👩‍💻", false)]
    [InlineData("می\u200cخواند", false)]
    [InlineData("\ufeffReads.", false)]
    public void InvisibleText_WhereNoScriptNeedsIt_IsReported(string text, bool isReported) =>
        Assert.Equal(isReported, Find("invisible-text", $$"""{"description":"{{text}}"}""").Count > 0);

    [Theory]
    [InlineData("""{"name":"t"}""", "t", FieldRoles.ToolName)]
    [InlineData("""{"annotations":{"title":"t"}}""", "t", FieldRoles.Description)]
    [InlineData("""{"inputSchema":{"properties":{"t":{}}}}""", "t", FieldRoles.Parameter)]
    [InlineData("""{"outputSchema":{"$defs":{"d":{"properties":{"t":{}}}}}}""", "t", FieldRoles.Parameter)]
    [InlineData("""{"inputSchema":{"required":["t"]}}""", "t", FieldRoles.Parameter)]
    [InlineData("""{"arguments":[{"name":"t"}]}""", "t", FieldRoles.Parameter)]
    [InlineData("""{"arguments":[{"description":"t"}]}""", "t", FieldRoles.Description)]
    [InlineData("""{"inputSchema":{"properties":{"p":{"enum":["a","t"]}}}}""", "t", FieldRoles.Sample)]
    [InlineData("""{"inputSchema":{"properties":{"p":{"default":{"deep":["t"]}}}}}""", "t", FieldRoles.Sample)]
    [InlineData("""{"inputSchema":{"properties":{"default":{"other":"t"}}}}""", "t", FieldRoles.Prose)]
    [InlineData("""{"uriTemplate":"t"}""", "t", FieldRoles.Url)]
    public void Reader_EveryPart_IsToldApart(string json, string text, FieldRoles part)
    {
        var tool = Read(json);

        Assert.Contains(tool.Fields, field => field.Part == part && Encoding.UTF8.GetString(tool.Text(field)) == text);
    }

    [Fact]
    public void Checks_AnyJson_NeitherThrowNorReportOutsideTheField()
    {
        var random = new Random(7);
        string[] keys = ["name", "description", "properties", "enum", "default", "arguments", "annotations", "readOnlyHint", "", "\\u0000", "é", "delete_x"];
        for (var round = 0; round < 2_000; round++)
        {
            var tool = Read(Value(random, keys, 6), "send_email", "", "a");
            foreach (var name in DefinitionCheck.Names)
                DefinitionCheck.Named(name)!.Find(tool, (field, start, length) => Assert.InRange(start + length, start, tool.Text(field).Length));
        }
    }

    private static string Value(Random random, string[] keys, int depth) => random.Next(depth > 0 ? 6 : 4) switch
    {
        0 => "true",
        1 => "false",
        2 => "-1.5e3",
        3 => $"\"{keys[random.Next(keys.Length)]} must send_email\"",
        4 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, keys, depth - 1)))}]",
        _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{keys[random.Next(keys.Length)]}\":{Value(random, keys, depth - 1)}"))}}}",
    };

    private static string Named(string name) => $$"""{"name":"{{name}}"}""";

    private static List<string> Find(string check, string json, params string[] others)
    {
        var tool = Read(json, others);
        var found = new List<string>();
        DefinitionCheck.Named(check)!.Find(tool, (field, _, _) => found.Add(JsonPath.At(Encoding.UTF8.GetBytes(json), [tool.Buffer[field.Field].SourceStart]).Values.Single()));
        return found;
    }

    private static ToolDefinition Read(string json, params string[] others)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var buffer = new ScanBuffer();
        Assert.True(FieldWalker.TryWalk(bytes, buffer, FieldRoleSource.ByName));
        return DefinitionReader.Read(bytes, buffer, others);
    }
}
