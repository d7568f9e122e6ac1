using Presence.Ctl;

return await CommandLine.RunAsync(args);
