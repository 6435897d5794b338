package bugs

// services are mistakes in gateway, trigger and trace: in counters, in
// comparisons of generations, and in what is read again in a commit.
func services() []Bug {
	return []Bug{
		{
			Name: "credentials refused fail the request", Why: "a 401 or 403 to the POST ends it instead of waiting", In: gateway, By: "^TestEachAnswerOfTheProvider$/^submit_40[13]$",
			File: "internal/backoffice/gateway/submit.go",
			Old:  "\tswitch problem.Status {\n\tcase http.StatusGone:\n",
			New:  "\tif $bug && (problem.Status == http.StatusUnauthorized || problem.Status == http.StatusForbidden) {\n\t\treturn task.Done(failure(r, report.Failure{Code: code}, ev))\n\t}\n\tswitch problem.Status {\n\tcase http.StatusGone:\n",
		},
		{
			Name: "submitted for a deactivated account", Why: "a report is prepared for an account that may not have it", In: gateway, By: "^TestNothingIsSubmittedForADeactivatedAccount$",
			File: "internal/backoffice/gateway/submit.go",
			Old:  "return err == nil && !owner.Gone, err",
			New:  "return err == nil && ($bug || !owner.Gone), err",
		},
		{
			Name: "webhook of an earlier generation read at PREPARING", Why: "the next generation is asked after at once", In: gateway, By: "^TestAWebhookOfAnEarlierGenerationDoesNotHurry$",
			File: "internal/backoffice/gateway/submit.go",
			Old:  "\t\thooks, err := tx.Hooks(r.GUID, r.Generation)\n",
			New:  "\t\tgeneration := r.Generation\n\t\tif $bug {\n\t\t\tgeneration = 1\n\t\t}\n\t\thooks, err := tx.Hooks(r.GUID, generation)\n",
		},
		{
			Name: "operation of a lower generation runs", Why: "a forgotten report waits for its deadline", In: gateway, By: "^TestAnOperationOfAnEarlierGenerationIsAMiss$",
			File: "internal/backoffice/gateway/track.go",
			Old:  "\t\treturn s.missed(r, asked, \"operation of an earlier generation\")\n",
			New:  "\t\tif $bug {\n\t\t\treturn s.wait(r, a, polls)\n\t\t}\n\t\treturn s.missed(r, asked, \"operation of an earlier generation\")\n",
		},
		{
			Name: "operation of a higher generation believed", Why: "an answer about another submit decides", In: gateway, By: "^TestAnOperationOfALaterGenerationIsIgnored$",
			File: "internal/backoffice/gateway/track.go",
			Old:  "\tcase o.Generation > r.Generation:\n",
			New:  "\tcase !$bug && o.Generation > r.Generation:\n",
		},
		{
			Name: "good answer keeps the miss", Why: "two misses hours apart mean forgotten", In: gateway, By: "^TestAGoodAnswerEndsTheCountOfMisses$",
			File: "internal/backoffice/gateway/track.go",
			Old:  "\t\tif r.MissedAt.IsZero() {\n\t\t\treturn nil\n",
			New:  "\t\tif $bug || r.MissedAt.IsZero() {\n\t\t\treturn nil\n",
		},
		{
			Name: "refusals lost when READY is entered again", Why: "downloads without bound", In: gateway, By: "^TestRefusedDownloadsAreCountedPerGeneration$",
			File: "internal/backoffice/gateway/track.go",
			Old:  "\t\tif at >= 0 {\n\t\t\trow.Refused",
			New:  "\t\tif at >= 0 && !$bug {\n\t\t\trow.Refused",
		},
		{
			Name: "refusals of another generation counted", Why: "the next generation has fewer downloads", In: gateway, By: "^TestRefusedDownloadsAreCountedPerGeneration$",
			File: "internal/backoffice/gateway/fetch.go",
			Old:  "return row.Generation == r.Generation && row.Name == f.Name })\n\t\trow",
			New:  "return ($bug || row.Generation == r.Generation) && row.Name == f.Name })\n\t\trow",
		},
		{
			Name: "bytes of another generation taken for these", Why: "the report is STORED without its files", In: gateway, By: "^TestEachGenerationHasItsOwnFiles$",
			File: "internal/backoffice/gateway/track.go",
			Old:  "return h.Generation == r.Generation && h.Name == f.Name",
			New:  "return ($bug || h.Generation == r.Generation) && h.Name == f.Name",
		},
		{
			Name: "deadline of preparing not read in the commit", Why: "a redriven request ends at its old deadline", In: gateway, By: "^TestTheDeadlineIsLookedAtAgainInTheCommit$",
			File: "internal/backoffice/gateway/sweep.go",
			Old:  "r.Deadline.IsZero() || tx.Now().Before(r.Deadline) ||",
			New:  "r.Deadline.IsZero() || !$bug && tx.Now().Before(r.Deadline) ||",
		},
		{
			Name: "bytes of an earlier generation served", Why: "a redriven report downloads as the one before", In: trigger, By: "^TestOnlyTheFilesOfTheCurrentGenerationAreServed$",
			File: "internal/backoffice/trigger/download.go",
			Old:  "f.Generation == r.Generation && f.BlobKey",
			New:  "($bug || f.Generation == r.Generation) && f.BlobKey",
		},
		{
			Name: "download of an earlier generation collects", Why: "a report is purged that was not downloaded", In: trigger, By: "^TestADownloadOfAnEarlierGenerationCollectsNothing$",
			File: "internal/backoffice/trigger/download.go",
			Old:  "err != nil || f.Generation != r.Generation ||",
			New:  "err != nil || !$bug && f.Generation != r.Generation ||",
		},
		{
			Name: "files of an earlier generation listed", Why: "the status shows a file twice", In: trigger, By: "^TestOnlyTheFilesOfTheCurrentGenerationAreServed$",
			File: "internal/backoffice/trigger/status.go",
			Old:  "\t\tif f.Generation != r.Generation || f.BlobKey",
			New:  "\t\tif !$bug && f.Generation != r.Generation || f.BlobKey",
		},
		{
			Name: "email written anew begins its day anew", Why: "it is never given up", In: trace, By: "^TestTheDayOfAnEmailThatIsWrittenAnew$",
			File: "internal/backoffice/trace/tell.go",
			Old:  "\t\t\tm.CreatedAt = old.CreatedAt",
			New:  "\t\t\tif !$bug {\n\t\t\t\tm.CreatedAt = old.CreatedAt\n\t\t\t}",
		},
		{
			Name: "open email of an earlier generation holds up DELIVERED", Why: "the report waits for an email that is no longer needed", In: trace, By: "^TestAnEarlierGenerationHoldsUpNothing$",
			File: "internal/backoffice/trace/tell.go",
			Old:  "\t\tif m.Generation != r.Generation || m.Subject",
			New:  "\t\tif !$bug && m.Generation != r.Generation || m.Subject",
		},
		{
			Name: "deadline of announcing not read in the commit", Why: "DELIVERED although the report was announced just now", In: trace, By: "^TestADeadlineMadeAnewIsNotTakenForTheOldOne$",
			File: "internal/backoffice/trace/sweep.go",
			Old:  "r.Deadline.IsZero() || tx.Now().Before(r.Deadline) {",
			New:  "r.Deadline.IsZero() || !$bug && tx.Now().Before(r.Deadline) {",
		},
		{
			Name: "late told by two sweeps", Why: "a missed promise is in the journal twice", In: trace, By: "^TestLateIsLookedAtAgainInTheCommit$",
			File: "internal/backoffice/trace/sweep.go",
			Old:  "r.State.Terminal() || !r.LateAt.IsZero() ||",
			New:  "r.State.Terminal() || !$bug && !r.LateAt.IsZero() ||",
		},
		{
			Name: "email of an earlier generation sent", Why: "an end is told that is over", In: trace, By: "^TestAnEmailOfAnEarlierGenerationIsVoid$",
			File: "internal/backoffice/trace/email.go",
			Old:  "who.Gone || r.Generation != m.Generation {",
			New:  "who.Gone || !$bug && r.Generation != m.Generation {",
		},
		{
			Name: "email that may have arrived called void", Why: "its recipient may have it", In: trace, By: "^TestAnEmailThatMayHaveArrivedIsUnconfirmed$",
			File: "internal/backoffice/trace/outcome.go",
			Old:  "\tif m.Unknowns > 0 {\n",
			New:  "\tif m.Unknowns > 0 && !$bug {\n",
		},
		{
			Name: "unreadable storage taken for damage", Why: "an intact report is fetched again", In: trace, By: "^TestAStorageThatCannotBeReadIsNoDamage$",
			File: "internal/backoffice/trace/announce.go",
			Old:  "\t\tif err != nil && !isMissing(err) {\n\t\t\treturn nil",
			New:  "\t\tif err != nil && !isMissing(err) && !$bug {\n\t\t\treturn nil",
		},
		{
			Name: "approval asked of the requester", Why: "requesters are asked about their own requests", In: trace, By: "^TestApprovalIsAskedOfThoseWhoDecide$",
			File: "internal/backoffice/trace/announce.go",
			Old:  "a.Is(n.r.Asked.Approval) && a.Name != n.r.Asked.Owner",
			New:  "a.Is(n.r.Asked.Approval) && ($bug || a.Name != n.r.Asked.Owner)",
		},
	}
}
