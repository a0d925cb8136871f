; SPDX-License-Identifier: GPL-3.0-or-later
; The pipelines in GIMP's menu, in the user's language. Neither GIMP looks texts of such scripts up in catalogues of others, so they are
; here: all of it in one file, since nobody says in which order the files are read.

; ---- texts: made by ./dev po from the catalogues ----
(define imgenhance-texts
 '(("de"
   ("<Image>/Filters/imgenhance/Sharpen" . "<Image>/Filters/imgenhance/Schärfen")
   ("Amount" . "Menge")
   ("Before/After Contact Sheet..." . "Kontaktbogen vorher/nachher …")
   ("Enhance Folder..." . "Ordner verbessern …")
   ("Image" . "Bild")
   ("Layer" . "Ebene")
   ("Makes one picture of all pictures of a folder, each before and after a recipe" . "Macht aus allen Bildern eines Ordners ein Bild, jedes vor und nach einem Rezept")
   ("Pictures" . "Bilder")
   ("Radius" . "Radius")
   ("Recipe, one step a line" . "Rezept, ein Schritt je Zeile")
   ("Results" . "Ergebnisse")
   ("Sharpen Lightness on a Copy..." . "Helligkeit auf einer Kopie schärfen …")
   ("Sharpened lightness" . "Geschärfte Helligkeit")
   ("Sharpens a copy of the layer by its lightness, so that colours stay" . "Schärft eine Kopie der Ebene in ihrer Helligkeit, damit die Farben bleiben")
   ("Sheet (a file)" . "Bogen (eine Datei)")
   ("Side of a picture" . "Seite eines Bildes")
   ("Takes every picture of a folder through a recipe and writes the results into another folder" . "Wendet auf jedes Bild eines Ordners ein Rezept an und schreibt die Ergebnisse in einen anderen Ordner"))
  ("fr"
   ("<Image>/Filters/imgenhance/Sharpen" . "<Image>/Filters/imgenhance/Netteté")
   ("Amount" . "Quantité")
   ("Before/After Contact Sheet..." . "Planche-contact avant/après...")
   ("Enhance Folder..." . "Améliorer un dossier...")
   ("Image" . "Image")
   ("Layer" . "Calque")
   ("Makes one picture of all pictures of a folder, each before and after a recipe" . "Réunit en une image toutes celles d’un dossier, chacune avant et après une recette")
   ("Pictures" . "Images")
   ("Radius" . "Rayon")
   ("Recipe, one step a line" . "Recette, une étape par ligne")
   ("Results" . "Résultats")
   ("Sharpen Lightness on a Copy..." . "Accentuer la luminosité sur une copie...")
   ("Sharpened lightness" . "Luminosité accentuée")
   ("Sharpens a copy of the layer by its lightness, so that colours stay" . "Accentue la luminosité d’une copie du calque ; les couleurs restent")
   ("Sheet (a file)" . "Planche (un fichier)")
   ("Side of a picture" . "Côté d’une image")
   ("Takes every picture of a folder through a recipe and writes the results into another folder" . "Applique une recette à chaque image d’un dossier et écrit les résultats dans un autre dossier"))
  ("zh_CN"
   ("<Image>/Filters/imgenhance/Sharpen" . "<Image>/Filters/imgenhance/锐化")
   ("Amount" . "数量")
   ("Before/After Contact Sheet..." . "前后对比图集...")
   ("Enhance Folder..." . "增强文件夹...")
   ("Image" . "图像")
   ("Layer" . "图层")
   ("Makes one picture of all pictures of a folder, each before and after a recipe" . "把文件夹中的所有图片拼成一张，每张都有应用配方之前和之后的样子")
   ("Pictures" . "图片")
   ("Radius" . "半径")
   ("Recipe, one step a line" . "配方，每行一步")
   ("Results" . "结果")
   ("Sharpen Lightness on a Copy..." . "在副本上锐化明度...")
   ("Sharpened lightness" . "锐化后的明度")
   ("Sharpens a copy of the layer by its lightness, so that colours stay" . "只锐化图层副本的明度，颜色不变")
   ("Sheet (a file)" . "图集（文件）")
   ("Side of a picture" . "图片边长")
   ("Takes every picture of a folder through a recipe and writes the results into another folder" . "对文件夹中的每张图片应用配方，结果写入另一个文件夹"))))
; ---- end of texts ----

(define (imgenhance-starts? text start)
  (let ((length (string-length start)))
    (and (>= (string-length text) length) (string=? (substring text 0 length) start))))

; "de_DE.UTF-8@euro:fr" -> ("de_DE" "fr")
(define (imgenhance-split-languages text)
  (let loop ((rest (string->list text)) (word '()) (dull #f) (words '()))
    (let ((words-now (if (null? word) words (cons (list->string (reverse word)) words))))
      (cond ((null? rest) (reverse words-now))
            ((char=? (car rest) #\:) (loop (cdr rest) '() #f words-now))
            ((or dull (member (car rest) '(#\. #\@))) (loop (cdr rest) word #t words))
            (else (loop (cdr rest) (cons (car rest) word) #f words))))))

(define (imgenhance-environment names)
  (cond ((null? names) "")
        ((let ((value (getenv (car names)))) (and (string? value) (not (string=? value "")) value)))
        (else (imgenhance-environment (cdr names)))))

; As gettext: LANGUAGE counts where a locale is set at all. GIMP sets it for the language of its preferences.
(define (imgenhance-languages)
  (let ((locale (imgenhance-split-languages (imgenhance-environment '("LC_ALL" "LC_MESSAGES" "LANG"))))
        (wished (imgenhance-split-languages (imgenhance-environment '("LANGUAGE")))))
    (cond ((or (null? locale) (member (car locale) '("C" "POSIX"))) '())
          ((null? wished) locale)
          (else wished))))

; The table of a language, of "de" for "de_AT"; '() for English, which the texts themselves are; #f: there is none.
(define (imgenhance-table language)
  (if (or (string=? language "en") (imgenhance-starts? language "en_"))
      '()
      (let loop ((rest imgenhance-texts))
        (cond ((null? rest) #f)
              ((or (string=? language (caar rest)) (imgenhance-starts? language (string-append (caar rest) "_"))) (cdar rest))
              (else (loop (cdr rest)))))))

(define (imgenhance-say text)
  (let loop ((languages (imgenhance-languages)))
    (if (null? languages)
        text
        (let ((table (imgenhance-table (car languages))))
          (if table
              (let ((found (assoc text table))) (if found (cdr found) text))
              (loop (cdr languages)))))))

; ---- the menu ----

(define imgenhance-menu-new? (not (string=? (substring (car (gimp-version)) 0 2) "2.")))

(script-fu-register "script-fu-imgenhance-enhance-folder"
                    (imgenhance-say "Enhance Folder...")
                    (imgenhance-say "Takes every picture of a folder through a recipe and writes the results into another folder")
                    "imgenhance" "imgenhance" "2026" ""
                    SF-DIRNAME (imgenhance-say "Pictures") ""
                    SF-DIRNAME (imgenhance-say "Results") ""
                    SF-TEXT (imgenhance-say "Recipe, one step a line") "clahe\nunsharp")
(script-fu-menu-register "script-fu-imgenhance-enhance-folder" "<Image>/Filters/imgenhance")

(script-fu-register "script-fu-imgenhance-contact-sheet"
                    (imgenhance-say "Before/After Contact Sheet...")
                    (imgenhance-say "Makes one picture of all pictures of a folder, each before and after a recipe")
                    "imgenhance" "imgenhance" "2026" ""
                    SF-DIRNAME (imgenhance-say "Pictures") ""
                    SF-STRING (imgenhance-say "Sheet (a file)") "contact-sheet.png"
                    SF-TEXT (imgenhance-say "Recipe, one step a line") "clahe\nunsharp"
                    SF-ADJUSTMENT (imgenhance-say "Side of a picture") '(240 32 2048 1 16 0 SF-SPINNER))
(script-fu-menu-register "script-fu-imgenhance-contact-sheet" "<Image>/Filters/imgenhance")

(if imgenhance-menu-new?
    (script-fu-register-filter "script-fu-imgenhance-sharpen-copy"
                               (imgenhance-say "Sharpen Lightness on a Copy...")
                               (imgenhance-say "Sharpens a copy of the layer by its lightness, so that colours stay")
                               "imgenhance" "imgenhance" "2026" "RGB* GRAY*" SF-ONE-DRAWABLE
                               SF-ADJUSTMENT (imgenhance-say "Radius") '(1.5 0.3 20 0.1 1 1 SF-SPINNER)
                               SF-ADJUSTMENT (imgenhance-say "Amount") '(0.6 0 5 0.1 0.5 2 SF-SPINNER))
    (script-fu-register "script-fu-imgenhance-sharpen-copy"
                        (imgenhance-say "Sharpen Lightness on a Copy...")
                        (imgenhance-say "Sharpens a copy of the layer by its lightness, so that colours stay")
                        "imgenhance" "imgenhance" "2026" "RGB* GRAY*"
                        SF-IMAGE (imgenhance-say "Image") 0
                        SF-DRAWABLE (imgenhance-say "Layer") 0
                        SF-ADJUSTMENT (imgenhance-say "Radius") '(1.5 0.3 20 0.1 1 1 SF-SPINNER)
                        SF-ADJUSTMENT (imgenhance-say "Amount") '(0.6 0 5 0.1 0.5 2 SF-SPINNER)))
; GIMP 3 has the menus of our effects by the names that are shown, GIMP 2.10 by the English ones.
(script-fu-menu-register "script-fu-imgenhance-sharpen-copy"
                         (if imgenhance-menu-new?
                             (imgenhance-say "<Image>/Filters/imgenhance/Sharpen")
                             "<Image>/Filters/imgenhance/Sharpen"))
