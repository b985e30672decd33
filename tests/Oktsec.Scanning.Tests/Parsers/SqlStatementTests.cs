using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Tests.Parsers;

public sealed class SqlStatementTests
{
    [Theory]
    [InlineData("DROP TABLE users", "verb:drop object:table name:users", true)]
    [InlineData("drop\ttable if exists users", "verb:drop name:users", true)]
    [InlineData("DROP/**/TABLE users", "verb:drop object:table", true)]
    [InlineData("SELECT 'drop table users'", "verb:drop", false)]
    [InlineData("SELECT \"drop table\" FROM t", "verb:drop", false)]
    [InlineData("SELECT $$ ; drop table users $$", "object:table verb:drop", true)]
    [InlineData("SELECT $x$ a $x$; drop table users", "verb:drop after:select", true)]
    [InlineData("-- drop table users\nSELECT 1", "verb:drop", false)]
    [InlineData("SELECT 1 --1; DROP TABLE users", "verb:drop", true)]
    [InlineData("SELECT a #> '{x}'; DROP TABLE users", "verb:drop", true)]
    [InlineData("SELECT '\\'; DROP TABLE users; --'", "verb:drop", true)]
    [InlineData("SELECT '\\'' ; DROP TABLE users", "verb:drop", true)]
    [InlineData("SELECT 1 /*! ; DROP TABLE users */", "verb:drop", true)]
    [InlineData("COMMIT; DROP SCHEMA public CASCADE", "verb:drop after:commit", true)]
    [InlineData("DELETE FROM orders", "verb:delete where:none", true)]
    [InlineData("DELETE FROM orders WHERE id = 7", "verb:delete where:none", false)]
    [InlineData("DELETE FROM orders WHERE 1=1", "verb:delete where:tautology", true)]
    [InlineData("DELETE FROM orders WHERE 'a' = 'a'", "verb:delete where:tautology", true)]
    [InlineData("DELETE FROM orders WHERE id = 7 OR TRUE", "verb:delete where:tautology", true)]
    [InlineData("DELETE FROM orders WHERE a = 1 AND b = 1", "where:tautology", false)]
    [InlineData("WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone", "verb:delete", true)]
    [InlineData("WITH x AS (SELECT 1) DELETE FROM t", "verb:delete", true)]
    [InlineData("EXPLAIN ANALYZE DELETE FROM t", "verb:delete", true)]
    [InlineData("COPY t FROM PROGRAM 'id'", "verb:copy pair:from_program", true)]
    [InlineData("EXEC master..xp_cmdshell 'dir'", "word:xp_cmdshell", true)]
    [InlineData("SELECT pg_read_file('/etc/passwd')", "func:pg_read_file", true)]
    [InlineData("SELECT a FROM t INTO OUTFILE '/x'", "pair:into_outfile", true)]
    [InlineData("SELECT update_time, drop_count FROM t", "verb:update|drop", false)]
    [InlineData("UPDATE t SET a = 1 WHERE id = 2", "verb:update where:some", true)]
    [InlineData("SELECT 'open", "trick:unclosed", true)]
    [InlineData("SELECT * FROM information_schema.tables", "schema:information_schema word:tables", true)]
    [InlineData("EXEC master.dbo.xp_dirtree 'x'", "schema:master.dbo word:xp_dirtree", true)]
    [InlineData("SELECT tables FROM t", "schema:*", false)]
    public void Predicate_OverStatements_Holds(string sql, string predicate, bool expected) => Assert.Equal(expected, Recorder.Holds(FactLanguage.Sql, sql, predicate));
}
