using System.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Tests.Fields;

public sealed class RoleGuessTests
{
    [Theory]
    [InlineData("file_text", false)]
    [InlineData("fileContents", false)]
    [InlineData("old_string", false)]
    [InlineData("new_str", false)]
    [InlineData("text_file", true)]
    [InlineData("scriptPath", true)]
    [InlineData("source", true)]
    [InlineData("path", true)]
    public void OfKey_LastWord_SaysWhetherItIsAPath(string key, bool expected) =>
        Assert.Equal(expected, RoleGuess.OfKey(Encoding.UTF8.GetBytes(key)).HasFlag(FieldRoles.Path));

    [Theory]
    [InlineData("brave_web_search", true)]
    [InlineData("googleSearch", true)]
    [InlineData("search_users", false)]
    [InlineData("search_sql_docs_on_web", false)]
    [InlineData("fetch_url", false)]
    public void OfTool_SearchOfTheWeb_AsksForWordsAndNoDatabase(string tool, bool expected) =>
        Assert.Equal(expected, (RoleGuess.OfTool(tool) & (ToolClasses.Search | ToolClasses.Http | ToolClasses.Sql)) == (ToolClasses.Search | ToolClasses.Http));
}
