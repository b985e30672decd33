namespace Oktsec.Scanning.Fields;

/// <summary>Guesses a field's role and a tool's class from the words of their names. The names are the schema's, not the content's.</summary>
internal static class RoleGuess
{
    // Plain dictionaries: freezing them takes longer than a process that lives for one call asks them.
    private static readonly Dictionary<string, FieldRoles> KeyRoles = Roles(
        (FieldRoles.Path, "path paths file files filename filepath filepaths dir directory folder root cwd location src dst source destination from to target output workdir"),
        (FieldRoles.Url, "url urls uri uris href link links endpoint webhook callback origin referer host hostname domain address server site website"),
        (FieldRoles.Command, "command commands cmd shell bash exec argv args arguments options flags powershell run cmdline commandline terminal"),
        (FieldRoles.Sql, "sql query queries statement statements where filter having"),
        (FieldRoles.Code, "code script source program snippet expression javascript python lua function patch diff old new string str"),
        (FieldRoles.Prose, "text content contents body message comment description summary prompt title subject note notes question answer instruction instructions reason data value input details"),
        (FieldRoles.Identifier, "id ids name names key branch sha ref tag label labels user username owner repo repository project table column pid port process service package"),
        (FieldRoles.Template, "template query expression filter pattern jinja render xml html markdown selector"));

    private static readonly Dictionary<string, ToolClasses> ToolWords = Tools(
        (ToolClasses.Exec, "exec execute run shell command bash terminal cmd process powershell spawn subprocess script eval ssh docker kubectl interpreter"),
        (ToolClasses.Sql, "sql query database db postgres postgresql mysql sqlite mssql table"),
        (ToolClasses.FsRead, "read file files directory path list open cat view load get"),
        (ToolClasses.FsWrite, "write edit create save append move delete copy upload patch replace"),
        (ToolClasses.Http, "fetch http url request browse navigate download web curl webhook post crawl scrape internet google bing duckduckgo tavily wikipedia"),
        (ToolClasses.Message, "send message email mail slack chat notify sms post reply tweet"),
        (ToolClasses.Content, "issue comment note document page doc ticket task post memory write"),
        (ToolClasses.Search, "search"));

    /// <summary>Roles of the field named so; <see cref="FieldRoles.None"/> when its name says nothing.</summary>
    public static FieldRoles OfKey(ReadOnlySpan<byte> key)
    {
        var (roles, last) = (FieldRoles.None, FieldRoles.None);
        var lookup = KeyRoles.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var word in new NameWords(key, stackalloc char[64]))
            if (lookup.TryGetValue(word, out last))
                roles |= last;
        // file_text is a text, text_file is a file: the last word says what a name is. A text that looks like a path is one still.
        var isText = (roles & (FieldRoles.Prose | FieldRoles.Code)) != 0 && !last.Has(FieldRoles.Path);
        return isText ? roles & ~FieldRoles.Path : roles;
    }

    public static ToolClasses OfTool(string name)
    {
        var classes = ToolClasses.None;
        Span<byte> bytes = stackalloc byte[256];
        // MCP names are at most 128 characters; a longer one is cut, not refused.
        System.Text.Unicode.Utf8.FromUtf16(name, bytes, out _, out var length);
        var lookup = ToolWords.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var word in new NameWords(bytes[..length], stackalloc char[64]))
            if (lookup.TryGetValue(word, out var found))
                classes |= found;
        return classes;
    }

    private static Dictionary<string, FieldRoles> Roles(params ReadOnlySpan<(FieldRoles Role, string Words)> rows)
    {
        var map = new Dictionary<string, FieldRoles>();
        foreach (var (role, words) in rows)
            foreach (var word in words.Split(' '))
                map[word] = map.GetValueOrDefault(word) | role;
        return map;
    }

    private static Dictionary<string, ToolClasses> Tools(params ReadOnlySpan<(ToolClasses Class, string Words)> rows)
    {
        var map = new Dictionary<string, ToolClasses>();
        foreach (var (tool, words) in rows)
            foreach (var word in words.Split(' '))
                map[word] = map.GetValueOrDefault(word) | tool;
        return map;
    }
}
